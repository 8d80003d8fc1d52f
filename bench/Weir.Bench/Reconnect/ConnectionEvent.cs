namespace Weir.Bench.Reconnect;

/// <summary>What an agent's uplink did.</summary>
internal enum ConnectionStep
{
    /// <summary>It begins to connect.</summary>
    Attempted,

    /// <summary>The gateway has welcomed it.</summary>
    Welcomed,

    /// <summary>The attempt, or the connection that came of it, is over.</summary>
    Ended,
}

/// <summary>A step of one agent.</summary>
/// <param name="At">When, since the recording began.</param>
/// <param name="Agent">The agent's index.</param>
/// <param name="Step">What it did.</param>
/// <param name="Reason">Why it ended; empty otherwise.</param>
internal readonly record struct ConnectionEvent(TimeSpan At, int Agent, ConnectionStep Step, string Reason);
