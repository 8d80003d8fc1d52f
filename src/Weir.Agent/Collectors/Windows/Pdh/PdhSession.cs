namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>What the queries of a process share.</summary>
/// <param name="Refresh">Finds objects and counters that come later.</param>
/// <param name="HasRights">Whether the account may read counters: tells "no data" that means a refusal from one that does not.</param>
internal sealed record PdhSession(PdhRefresh Refresh, Func<bool> HasRights)
{
    /// <summary>That of this process.</summary>
    public static PdhSession Shared { get; } = new(new PdhRefresh(TimeProvider.System), CounterRights.Has);
}
