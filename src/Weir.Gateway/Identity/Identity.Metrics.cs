using System.Diagnostics.Metrics;

namespace Weir.Gateway.Identity;

/// <summary>The instruments of enrolment.</summary>
internal sealed class IdentityMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Gateway.Identity");
    private readonly Counter<long> _requests;
    private readonly Counter<long> _ended;

    public IdentityMetrics(AuthorityList authorities, TimeProvider time)
    {
        _requests = _meter.CreateCounter<long>(
            "weir.enrollment.requests", "{request}", "Requests for certificates, by kind (join, renew, split) and outcome: issued, or why it was refused.");
        _ended = _meter.CreateCounter<long>("weir.gateway.streams.untrusted", "{stream}", "Streams refused or ended for their certificate, by reason: expired, revoked, forged.");
        _meter.CreateObservableGauge("weir.enrollment.authority.expiry", () => (authorities.Issuing.Until - time.GetUtcNow()).TotalSeconds, "s", "Until the newest authority ends.");
    }

    public void Request(string kind, EnrollmentRefusal refusal) => _requests.Add(
        1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("outcome", refusal == EnrollmentRefusal.None ? "issued" : EnrollmentAnswers.NameOf(refusal)));

    public void Untrusted(string reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
