using System.CommandLine;
using System.Runtime.Versioning;
using Weir.Agent.Configuration;
using Weir.Agent.Services;
using Weir.Agent.Services.Windows;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent run --service</c>: the agent in the hands of the Windows service control manager, with a log file in place of a console.</summary>
[SupportedOSPlatform("windows")]
internal static class ServiceRun
{
    private const string LogFolder = "logs";

    /// <summary>Runs until the manager stops it.</summary>
    /// <param name="arguments">The command line. Its data directory takes the log also where the configuration cannot be read.</param>
    /// <param name="run">Runs the agent: loggers, what to call once it collects, what cancels it.</param>
    public static int Run(ParseResult arguments, Func<Action<ILoggingBuilder>, Action, CancellationToken, Task<int>> run)
    {
        // Closed by the end of the process: its lines are with the system, and closing would wait for a disk that hangs.
        var file = new ServiceLogFile(Path.Combine(arguments.GetValue(Options.Data) ?? AgentConfig.DefaultDataDirectory, LogFolder));
        TextWriter console = arguments.InvocationConfiguration.Error;
        try
        {
            return ServiceProcess.Run(async (ready, cancellationToken) =>
            {
                // Its last lines are written before the manager is told that the service has stopped: whoever waits for that reads them.
                using var log = new ServiceLog(file.TryWrite, TimeProvider.System);
                arguments.InvocationConfiguration.Error = log;
                try
                {
                    return await run(builder => builder.AddProvider(new ServiceLoggerProvider(log)), ready, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception problem)
                {
                    // The last place where it can be said: the manager takes a number only.
                    log.WriteLine($"weir-agent failed: {problem}");
                    return ExitCodes.Failed;
                }
            });
        }
        catch (ServiceException problem)
        {
            console.WriteLine(problem.Message);
            return ExitCodes.BadUsage;
        }
    }
}
