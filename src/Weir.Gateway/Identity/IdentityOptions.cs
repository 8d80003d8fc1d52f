namespace Weir.Gateway.Identity;

/// <summary>Options of the private authority and of enrolment.</summary>
public sealed record IdentityOptions
{
    /// <summary>How long an agent's certificate is good. Default 24 h: what is stolen is soon worth nothing. Agents renew at two thirds of it.</summary>
    public TimeSpan AgentLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long after its expiry a certificate is still renewed for the holder of its key. Default 30 days: an outage must not orphan a fleet.</summary>
    public TimeSpan RenewalGrace { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a gateway's certificate is good; its key never leaves memory. Default 30 days, renewed at two thirds: an agent's clock may be that far ahead.</summary>
    public TimeSpan GatewayLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long an authority is good. Default 5 years.</summary>
    public TimeSpan AuthorityLifetime { get; init; } = TimeSpan.FromDays(5 * 365);

    /// <summary>How long before its end the newest authority gets a successor. Default 90 days; more than <see cref="AuthorityOverlap"/>.</summary>
    public TimeSpan AuthorityRenewal { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How old an authority must be before gateways show certificates of it. Default 35 days, more than <see cref="RenewalGrace"/> and <see cref="AgentLifetime"/>
    /// together: whoever may still renew has heard of it by then.
    /// </summary>
    public TimeSpan AuthorityOverlap { get; init; } = TimeSpan.FromDays(35);

    /// <summary>How far a new certificate reaches into the past, for clocks that are behind. Default 5 min; a day for gateways.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most enrolment requests at a time; further ones are answered RESOURCE_EXHAUSTED and come again. Default 16.</summary>
    public int MaxRequests { get; init; } = 16;

    /// <summary>How long a nonce is good. Default 1 min.</summary>
    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most nonces used within their lifetime that are remembered; above it renewals and splits are answered RESOURCE_EXHAUSTED. Default 100,000: a renewal takes some 50 B.</summary>
    public int MaxUsedNonces { get; init; } = 100_000;

    /// <summary>Most copies of one agent that joined with a token, copies of copies included; further ones need a token. Default 1,000: whoever has stolen a key makes no more.</summary>
    public int MaxCopies { get; init; } = 1000;

    /// <summary>How often revocations and authorities are looked for and streams judged by them. Default 2 s.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Further host names and addresses in gateways' certificates. Agents do not look at them.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
