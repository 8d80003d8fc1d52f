namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>The records that a channel gets from now on.</summary>
/// <remarks>Used by one thread at a time. What was not taken waits in the log itself, not in memory.</remarks>
internal interface IEventSubscription : IDisposable
{
    /// <summary>Takes what has come.</summary>
    /// <param name="tally">Where it is counted.</param>
    /// <param name="channel">The channel's number in it.</param>
    /// <param name="most">Most records; the rest is taken by the next call.</param>
    /// <exception cref="SourceException">It cannot be read: it is to be opened anew.</exception>
    void Take(EventTally tally, int channel, int most);
}
