namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template CpuTime { get; } = Of(["cpu.logical_number", "cpu.mode"], Counter("system.cpu.time", "s"));

    public static Template CpuUtilization { get; } = Of(["cpu.logical_number"], Gauge("system.cpu.utilization", "1"));

    public static Template CpuCount { get; } = Of([], Gauge("system.cpu.logical.count", "{cpu}"));

    public static Template CpuFrequency { get; } = Of(["cpu.logical_number"], Gauge("system.cpu.frequency", "Hz"));

    public static Template CpuSchedule { get; } =
        Of(["cpu.logical_number"], Counter("system.cpu.linux.run_time", "s"), Counter("system.cpu.linux.wait_time", "s"));

    public static Template Load { get; } = Of(
        [],
        Gauge("system.cpu.load_average.1m", "{thread}"),
        Gauge("system.cpu.load_average.5m", "{thread}"),
        Gauge("system.cpu.load_average.15m", "{thread}"));
}
