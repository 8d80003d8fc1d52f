using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Configuration;
using Weir.Agent.Recordings;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent record</c>: collects into a file instead of sending.</summary>
internal static class RecordCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly Argument<string> FileArgument = new("FILE") { Description = "The recording; must not exist" };
    private static readonly Option<string> For = new("--for") { Description = "For how long, at most 24h. Ctrl+C ends it sooner", HelpName = "DURATION", DefaultValueFactory = static _ => "1m" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("record", "Record what the collectors see into a file, for 'replay' or 'upload'; nothing is sent") { FileArgument, For, Options.Config };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        string path = arguments.GetValue(FileArgument)!;
        if (!Duration.TryParse(arguments.GetValue(For)!, out TimeSpan duration) || duration <= TimeSpan.Zero || duration > Longest)
        {
            error.WriteLine($"--for: '{arguments.GetValue(For)}' is not allowed; allowed: a whole number with s, m or h, up to 24h");
            return ExitCodes.BadUsage;
        }

        if (ConfigLoader.TryLoad(arguments.GetValue(Options.Config), error) is not { } config) return ExitCodes.BadUsage;
        if (File.Exists(path))
        {
            error.WriteLine($"{path} exists already: name another file, or remove it");
            return ExitCodes.Failed;
        }

        string directory = Directory.CreateTempSubdirectory("weir-record-").FullName;
        try
        {
            await NewFile.WriteAsync(path, async file =>
            {
                output.WriteLine($"recording into {path} for {Duration.Format(duration)}; Ctrl+C ends it sooner");
                await CollectAsync(config with { DataDirectory = directory, SpoolBytes = RecordingFile.MaxBytes, Listen = null }, duration, cancellationToken).ConfigureAwait(false);
                RecordingFile.Pack(directory, file);
            }).ConfigureAwait(false);
            output.WriteLine($"wrote {path}, {new FileInfo(path).Length} bytes: {await DescribeAsync(path).ConfigureAwait(false)}");
            return ExitCodes.Ok;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{path}: {problem.Message}");
            return ExitCodes.Failed;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // By reading it as a replay does: what it would refuse is known now.
    private static async Task<string> DescribeAsync(string path)
    {
        using var reader = new RecordingReader();
        try
        {
            IReadOnlyList<RecordedGroup> groups = await reader.ReadAsync(path).ConfigureAwait(false);
            return $"{groups.Max(static group => group.Ticks.Count)} ticks, {groups.Sum(static group => group.Ticks[^1].Values.Length)} series";
        }
        catch (RecordingException problem)
        {
            return $"it cannot be replayed, {problem.Message}";
        }
    }

    private static async Task CollectAsync(AgentConfig config, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(duration, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        TimeProvider time = TimeProvider.System;
        var host = new AgentHost(config, NullLoggerFactory.Instance, time, AgentHost.PlanOf(new Collectors.LinuxRoots(), time, NullLogger.Instance), () => RecordingDelivery.OpenAsync(config, NullLoggerFactory.Instance, time));
        await host.RunAsync(stop.Token).ConfigureAwait(false);
    }
}
