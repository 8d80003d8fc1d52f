namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Battery { get; } = Of(["hw.id"], Gauge("hw.battery.charge", "1"), Gauge("hw.battery.time_left", "s"));

    public static Template WindowsPower { get; } = Of([], Gauge("windows.power.external", "{flag}"));
}
