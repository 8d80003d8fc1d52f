namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template EventLogSubscribed { get; } = Of(["windows.event_log.channel"], Gauge("windows.event_log.subscribed", "{channel}"), Counter("windows.event_log.missed", "{record}"));

    public static Template EventLogRecords { get; } =
        Of(["windows.event_log.channel", "windows.event_log.provider", "windows.event_log.level"], Counter("windows.event_log.records", "{record}"));
}
