using Microsoft.Extensions.Logging;
using Weir.Agent;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Uplinks;
using Weir.Protocol.Identity;

namespace Weir.FaultHost;

/// <summary>An agent with all its collectors.</summary>
internal static class AgentMode
{
    /// <summary>Collects and sends until stopped.</summary>
    public static async Task RunAsync(HostArguments arguments, CancellationToken cancellationToken)
    {
        AgentConfig config = ConfigOf(arguments);
        TimeProvider time = arguments.Optional("--clock") is { } clock ? new SteppedClock(clock) : TimeProvider.System;
        using ILoggerFactory loggers = Loggers();
        await new AgentHost(config, loggers, time, AgentHost.PlanOf(new LinuxRoots(), time, loggers.CreateLogger("Weir.Agent.Collection")), async () => await HostDelivery.OpenAsync(config, arguments, time, loggers)).RunAsync(cancellationToken);
    }

    /// <summary>The configuration of the arguments.</summary>
    public static AgentConfig ConfigOf(HostArguments arguments) => new()
    {
        Gateway = arguments.Required("--gateway"),
        DataDirectory = arguments.Data,
        HostName = arguments.Optional("--host"),
        Interval = TimeSpan.FromMilliseconds(arguments.Number("--interval-ms", 100)),
        FrameSeconds = 0,
        SpoolBytes = arguments.Number("--spool-bytes", 256L << 20),
        JoinToken = JoinToken.TryParse(arguments.Optional("--token") ?? ""),
        EnrollAddress = arguments.Optional("--enroll"),
    };

    /// <summary>To standard output: warnings, what begins or ends, and each attempt to connect.</summary>
    public static ILoggerFactory Loggers() => LoggerFactory.Create(static logging => logging
        .AddFilter(typeof(Uplink).FullName, LogLevel.Debug).AddSimpleConsole(static console => console.SingleLine = true));
}
