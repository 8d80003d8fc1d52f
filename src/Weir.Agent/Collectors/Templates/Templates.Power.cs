namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template BatteryCharge { get; } = Of(["hw.id"], Gauge("hw.battery.charge", "1"));

    public static Template BatteryTimeLeft { get; } = Of(["hw.id"], Gauge("hw.battery.time_left", "s"));

    public static Template LinuxPower { get; } = Of(["hw.id"], Gauge("system.linux.power.external", "{flag}"));

    public static Template WindowsPower { get; } = Of([], Gauge("windows.power.external", "{flag}"));
}
