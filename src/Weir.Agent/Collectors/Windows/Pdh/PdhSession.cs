namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>What the queries of a process share.</summary>
/// <param name="Time">The clock of readings and refreshes.</param>
/// <param name="HasRights">Whether the account may read counters: tells "no data" that means a refusal from one that does not.</param>
internal sealed record PdhSession(TimeProvider Time, Func<bool> HasRights)
{
    /// <summary>Finds objects and counters that come later.</summary>
    public PdhRefresh Refresh { get; } = new(Time);

    /// <summary>That of this process.</summary>
    public static PdhSession Shared { get; } = new(TimeProvider.System, CounterRights.Has);
}
