namespace Weir.Bench.Reconnect;

/// <summary>What a run of <c>reconnect</c> does.</summary>
internal sealed record ReconnectSettings
{
    /// <summary>Agents, each with a spool, an uplink and a connection of its own.</summary>
    public int Agents { get; init; } = 2_000;

    /// <summary>How long all agents stay connected before each restart.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>How long a connection must have held for the agent's delays to start over. Default: the agent's own.</summary>
    public TimeSpan SustainedSuccess { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing listens after <c>kill -9</c>, before the server is started again.</summary>
    public TimeSpan Down { get; init; } = TimeSpan.FromSeconds(5);
}
