namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>The records that a channel gets from the first call on.</summary>
/// <remarks>Used by one thread at a time. What was not taken waits in the log itself, not in memory.</remarks>
internal interface IEventSubscription : IDisposable
{
    /// <summary>Records that were written since the first call and could not be read.</summary>
    long Missed { get; }

    /// <summary>Takes what has come.</summary>
    /// <param name="tally">Where it is counted.</param>
    /// <param name="channel">The channel's number in it.</param>
    /// <param name="most">Most records; the rest is taken by the next call.</param>
    /// <exception cref="SourceException">It cannot be read; the next call goes on behind the last record that was counted.</exception>
    void Take(EventTally tally, int channel, int most);
}
