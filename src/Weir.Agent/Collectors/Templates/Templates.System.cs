namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Uptime { get; } = Of([], Gauge("system.uptime", "s"));

    public static Template ProcessCount { get; } = Of(["process.state"], Gauge("system.process.count", "{process}"));

    public static Template ProcessCreated { get; } = Of([], Counter("system.process.created", "{process}"));
}
