using System.CommandLine;
using System.Globalization;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Recordings;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent replay</c>: sends a recording as if it happened now, as one host or many.</summary>
internal static class ReplayCommand
{
    private const int MaxHosts = 1000;

    private static readonly Argument<string> FileArgument = new("FILE") { Description = "A recording of 'record'" };
    private static readonly Option<int> Hosts = new("--hosts") { Description = "As how many hosts at once, 1 to 1000, each beginning at another tick of the recording", DefaultValueFactory = static _ => 1 };
    private static readonly Option<string> Name = new("--name") { Description = "What the host is called; of several, each has a number behind it", DefaultValueFactory = static _ => "replay" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("replay", "Send a recording again and again as if it happened now, as one host or many, until stopped")
        {
            FileArgument, Hosts, Name, Options.Config, Options.Gateway, Options.Data, Options.Token, Options.Enroll, RunCommand.Insecure,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        TextWriter error = arguments.InvocationConfiguration.Error;
        int hosts = arguments.GetValue(Hosts);
        if (hosts is < 1 or > MaxHosts)
        {
            error.WriteLine($"--hosts: '{hosts}' is not allowed; allowed: 1 to {MaxHosts}");
            return ExitCodes.BadUsage;
        }

        if (RunCommand.TryConfigure(arguments) is not { } config) return ExitCodes.BadUsage;
        if (arguments.GetValue(Options.Data) is null)
        {
            error.WriteLine("--data: name a directory for the replaying hosts; the agent's own is not theirs");
            return ExitCodes.BadUsage;
        }

        string path = arguments.GetValue(FileArgument)!;
        try
        {
            using var reader = new RecordingReader();
            IReadOnlyList<RecordedGroup> recording = await reader.ReadAsync(path).ConfigureAwait(false);
            if (reader.Unreadable > 0) error.WriteLine($"{path}: {reader.Unreadable} frames cannot be read and are left out");
            using ILoggerFactory loggers = RunCommand.MakeLoggers(config);
            await Task.WhenAll(Enumerable.Range(0, hosts).Select(number => ReplayAsync(Config(config, arguments.GetValue(Name)!, number, hosts), recording, number, loggers, cancellationToken))).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Ok;
        }
        catch (AgentDataException problem)
        {
            error.WriteLine(problem.Message);
            return ExitCodes.Of(problem);
        }
        catch (Exception problem) when (problem is RecordingException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{path}: {problem.Message}");
            return ExitCodes.Failed;
        }
    }

    private static AgentConfig Config(AgentConfig config, string name, int number, int hosts)
    {
        string host = hosts == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number + 1:000}");
        // Not this machine's id: the recording is of another one, or of another time.
        var attributes = new Dictionary<string, string>(config.HostAttributes) { ["host.id"] = host };
        return config with { HostName = host, HostAttributes = attributes, DataDirectory = Path.Combine(config.DataDirectory, host), Listen = null };
    }

    private static Task ReplayAsync(AgentConfig config, IReadOnlyList<RecordedGroup> recording, int number, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        // Another step for each host: a prime, so that few of them meet.
        const int Step = 7919;
        return new AgentHost(config, loggers, TimeProvider.System, Plan, () => SpoolDelivery.OpenAsync(config, loggers, TimeProvider.System)).RunAsync(cancellationToken);

        // All that is recorded runs: there is none to ask for.
        IReadOnlyList<PlannedCollector> Plan(AgentConfig _, string? only) => only is not null ? [] :
            [.. recording.Select(group => new PlannedCollector(LaneKind.High, TimeSpan.FromMilliseconds(group.IntervalMs), IsAlone: true, new ReplayCollector(group, number * Step)))];
    }
}
