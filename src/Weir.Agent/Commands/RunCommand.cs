using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Services.Linux;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent run</c>: collects and sends until stopped.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Config = Options.Config;

    /// <summary><c>--insecure</c>.</summary>
    public static readonly Option<bool> Insecure = new("--insecure") { Description = "Allow an unencrypted connection to a gateway on another host" };

    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Tidied = TimeSpan.FromMinutes(12);

    // Written by 'service install' alone: whether the service control manager started it is said, not guessed.
    private static readonly Option<bool> Service = new("--service") { Hidden = true };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Collect and send until stopped (Ctrl+C, SIGTERM)") { Config, Options.Gateway, Options.Data, Options.Token, Options.Enroll, Insecure, Service };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The configuration of a command that sends, command line included; null where something is wrong, which has been said.</summary>
    public static AgentConfig? TryConfigure(ParseResult arguments) => TryConfigure(arguments, arguments.InvocationConfiguration.Error);

    private static AgentConfig? TryConfigure(ParseResult arguments, TextWriter error)
    {
        if (ConfigLoader.TryLoad(arguments.GetValue(Config), error) is not { } file) return null;
        if (Options.TryOverride(file, arguments, error, mayLackToken: true) is not { } config) return null;
        config = config with { Insecure = config.Insecure || arguments.GetValue(Insecure) };
        return ConfigLoader.IsSendingAllowed(config, error) ? config : null;
    }

    private static Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (!arguments.GetValue(Service))
        {
            var systemd = SystemdNotifier.OfEnvironment();
            return RunAsync(arguments, AddConsole, systemd.Ready, systemd.Stopping, cancellationToken);
        }

        if (OperatingSystem.IsWindows()) return Task.FromResult(ServiceRun.Run(arguments, (addLog, ready, stop) => RunAsync(arguments, addLog, ready, static () => { }, stop)));
        arguments.InvocationConfiguration.Error.WriteLine("--service is for the service control manager of Windows: leave it out");
        return Task.FromResult(ExitCodes.BadUsage);
    }

    /// <summary>Logs to the console, a line each.</summary>
    public static ILoggerFactory MakeLoggers(AgentConfig config) => LoggerFactory.Create(builder => AddConsole(builder.SetMinimumLevel(config.LogLevel)));

    private static void AddConsole(ILoggingBuilder builder) => builder.AddSimpleConsole(static options =>
    {
        options.SingleLine = true;
        options.UseUtcTimestamp = true;
        options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        options.ColorBehavior = LoggerColorBehavior.Default;
    });

    private static async Task<int> RunAsync(ParseResult arguments, Action<ILoggingBuilder> addLog, Action ready, Action stopping, CancellationToken cancellationToken)
    {
        if (TryConfigure(arguments) is not { } config) return ExitCodes.BadUsage;
        using ILoggerFactory loggers = LoggerFactory.Create(builder => addLog(builder.SetMinimumLevel(config.LogLevel)));
        using CancellationTokenRegistration onStop = cancellationToken.Register(stopping);
        try
        {
            var host = new AgentHost(config, loggers, TimeProvider.System) { Ready = ready };
            using var stopWatching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task watching = Task.WhenAll(WatchAsync(arguments, config, host, loggers, stopWatching.Token), GiveBackAsync(stopWatching.Token));
            try
            {
                await host.RunAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await stopWatching.CancelAsync().ConfigureAwait(false);
                await watching.ConfigureAwait(false);
            }

            return ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        catch (AgentDataException problem)
        {
            arguments.InvocationConfiguration.Error.WriteLine(problem.Message);
            return ExitCodes.Of(problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            arguments.InvocationConfiguration.Error.WriteLine($"{config.DataDirectory}: {problem.Message}");
            return ExitCodes.DataUnusable;
        }
    }

    // What starting took and nobody needs any more, then what grew and was let go (decision 19): by itself the runtime would collect all of it hours later, if ever.
    private static async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        for (TimeSpan wait = Settled; ; wait = Tidied)
        {
            await Task.Delay(wait, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested) return;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }

    private static Task WatchAsync(ParseResult arguments, AgentConfig config, AgentHost host, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (ConfigLoader.Find(arguments.GetValue(Config)) is not { } path) return Task.CompletedTask;
        return new ConfigWatch(path, config, problems => TryConfigure(arguments, problems), host.Apply, TimeProvider.System, loggers.CreateLogger<AgentConfig>()).RunAsync(cancellationToken);
    }
}
