using Weir.Contracts;

namespace Weir.Console;

/// <summary>How a host stands, by the age of its newest sample.</summary>
public enum HostState
{
    /// <summary>Newest sample within five intervals, or ten seconds.</summary>
    Up,

    /// <summary>Within five minutes.</summary>
    Stale,

    /// <summary>Older.</summary>
    Down,

    /// <summary>No sample yet.</summary>
    Unknown,
}

/// <summary>Judges hosts.</summary>
internal static class HostStates
{
    private const long UpMs = 10_000;
    private const int UpIntervals = 5;
    private const long StaleMs = 300_000;

    /// <summary>The state of a host at a time (Unix ms).</summary>
    public static HostState Of(HostInfo host, long nowMs)
    {
        if (host.LastSampleMs == 0) return HostState.Unknown;
        long age = nowMs - host.LastSampleMs;
        if (age <= Math.Max(UpMs, (long)host.IntervalMs * UpIntervals)) return HostState.Up;
        return age <= StaleMs ? HostState.Stale : HostState.Down;
    }

    /// <summary>The word that pages show and queries use.</summary>
    public static string Word(HostState state) => state switch
    {
        HostState.Up => "up",
        HostState.Stale => "stale",
        HostState.Down => "down",
        _ => "unknown",
    };
}
