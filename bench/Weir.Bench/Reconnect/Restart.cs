namespace Weir.Bench.Reconnect;

/// <summary>How the server ended.</summary>
internal enum RestartKind
{
    /// <summary>SIGTERM: agents are sent away, spread.</summary>
    Planned,

    /// <summary>SIGKILL.</summary>
    Killed,
}

/// <summary>One restart of the server. All times since the recording began.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="AskedAt">When the signal was sent.</param>
/// <param name="GoneAt">When the process had ended.</param>
/// <param name="ReadyAt">When the next one was ready.</param>
/// <param name="BackAt">When every agent had been welcomed by the next one.</param>
internal sealed record Restart(RestartKind Kind, TimeSpan AskedAt, TimeSpan GoneAt, TimeSpan ReadyAt, TimeSpan BackAt);
