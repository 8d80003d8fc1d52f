using System.Diagnostics.Metrics;

namespace Weir.Agent.Identity;

/// <summary>The instruments of the agent's identity.</summary>
internal sealed class IdentityMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Agent.Identity");
    private readonly Counter<long> _requests;

    /// <summary>Makes the instruments.</summary>
    /// <param name="secondsLeft">Until the certificate expires; negative afterwards.</param>
    public IdentityMetrics(Func<double> secondsLeft)
    {
        _requests = _meter.CreateCounter<long>("weir.agent.identity.requests", "{request}", "Requests for a certificate, by kind (join, renew, split) and outcome (issued, failed).");
        _meter.CreateObservableGauge("weir.agent.identity.expiry", secondsLeft, "s", "Until the certificate expires; 0 before the agent has joined, negative when it has expired.");
    }

    /// <summary>Counts a request.</summary>
    public void Request(string kind, string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("outcome", outcome));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
