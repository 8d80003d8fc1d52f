namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>What the collector of the event log says. Event ids 1850 to 1859; retired ids are never used again.</summary>
internal static partial class EventLogNotices
{
    [LoggerMessage(1850, LogLevel.Warning, "Collector event_log: {Problem}; the other channels are counted")]
    public static partial void ChannelFails(ILogger logger, string problem);
}
