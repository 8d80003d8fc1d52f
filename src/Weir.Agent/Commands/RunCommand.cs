using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using Weir.Agent.Configuration;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent run</c>: collects and sends until stopped.</summary>
internal static class RunCommand
{
    private static readonly Option<string?> Config = Options.Config;

    /// <summary><c>--insecure</c>.</summary>
    public static readonly Option<bool> Insecure = new("--insecure") { Description = "Allow an unencrypted connection to a gateway on another host" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("run", "Collect and send until stopped (Ctrl+C, SIGTERM)") { Config, Options.Gateway, Options.Data, Options.Token, Options.Enroll, Insecure };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The configuration of a command that sends, command line included; null where something is wrong, which has been said.</summary>
    public static AgentConfig? TryConfigure(ParseResult arguments)
    {
        TextWriter error = arguments.InvocationConfiguration.Error;
        if (ConfigLoader.TryLoad(arguments.GetValue(Config), error) is not { } config) return null;
        config = Options.Override(config, arguments);
        config = config with { Insecure = config.Insecure || arguments.GetValue(Insecure) };
        return ConfigLoader.IsSendingAllowed(config, error) ? config : null;
    }

    /// <summary>Logs to the console, a line each.</summary>
    public static ILoggerFactory MakeLoggers(AgentConfig config) => LoggerFactory.Create(builder => builder
        .SetMinimumLevel(config.LogLevel)
        .AddSimpleConsole(static options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            options.ColorBehavior = LoggerColorBehavior.Default;
        }));

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (TryConfigure(arguments) is not { } config) return ExitCodes.BadUsage;
        using ILoggerFactory loggers = MakeLoggers(config);
        try
        {
            await new AgentHost(config, loggers, TimeProvider.System).RunAsync(cancellationToken).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            arguments.InvocationConfiguration.Error.WriteLine($"{config.DataDirectory}: {problem.Message}");
            return ExitCodes.DataUnusable;
        }
    }
}
