namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Uptime { get; } = Of([], Gauge("system.uptime", "s"));

    public static Template ContextSwitches { get; } = Of([], Counter("system.cpu.context_switches", "{switch}"));

    public static Template Interrupts { get; } = Of([], Counter("system.cpu.interrupts", "{interrupt}"));

    public static Template SoftInterrupts { get; } = Of([], Counter("system.cpu.linux.softirqs", "{interrupt}"));

    public static Template ThreadCount { get; } = Of([], Gauge("system.thread.count", "{thread}"));

    public static Template ThreadStates { get; } = Of([], Gauge("system.linux.threads.runnable", "{thread}"), Gauge("system.linux.threads.blocked", "{thread}"));

    public static Template BootTime { get; } = Of([], Gauge("system.linux.boot_time", "s"));

    public static Template ProcessCount { get; } = Of(["process.state"], Gauge("system.process.count", "{process}"));

    public static Template ProcessCreated { get; } = Of([], Counter("system.process.created", "{process}"));
}
