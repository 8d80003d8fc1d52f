using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;
using Weir.Agent.Local;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent list</c>: the collectors, whether they run, and what a tick of each costs.</summary>
internal static class ListCommand
{
    private const int Ticks = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly Option<bool> Processes = new("--processes") { Description = "The processes behind the names that have series, with number and start, instead of the collectors" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("list", "List the collectors with state, source and cost per tick, as a running agent says or as tried here") { Options.Config, DoctorCommand.Here, Processes };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (ConfigLoader.TryLoad(arguments.GetValue(Options.Config), arguments.InvocationConfiguration.Error) is not { } config) return ExitCodes.BadUsage;
        var reader = new StatusReader(config, new LinuxRoots(), TimeProvider.System, NullLogger.Instance);
        if (arguments.GetValue(Processes)) return await ListProcessesAsync(reader, arguments, cancellationToken).ConfigureAwait(false);
        bool isHere = arguments.GetValue(DoctorCommand.Here);
        AgentStatus? running = isHere ? null : await reader.TryAskAsync(cancellationToken).ConfigureAwait(false);
        AgentStatus status = running ?? await reader.TryHereAsync(Ticks, Pause, cancellationToken).ConfigureAwait(false);
        TextWriter output = arguments.InvocationConfiguration.Output;
        List<string[]> rows = [["COLLECTOR", "STATE", "LANE", "EVERY", "SERIES", "MS", "BYTES", "SOURCE"]];
        rows.AddRange(status.Collectors.Select(static collector => (string[])
        [
            collector.Name, collector.State, collector.Lane, Duration.Format(TimeSpan.FromMilliseconds(collector.IntervalMs)),
            collector.Series.ToString(CultureInfo.InvariantCulture), collector.DurationMs.ToString("0.00", CultureInfo.InvariantCulture),
            collector.AllocatedBytesPerRun.ToString(CultureInfo.InvariantCulture), collector.Sources.FirstOrDefault(static source => source.State == "works")?.Name ?? "",
        ]));
        foreach (CollectorInfo info in CollectorCatalog.All.Where(info => status.Collectors.All(collector => collector.Name != info.Name)))
            rows.Add([info.Name, info.Sources.Count == 0 ? "not on this system" : info.IsEnabled(config) ? "not on this build" : "off", "", "", "", "", "", ""]);
        TextTable.Write(output, rows, 4, 5, 6);
        output.WriteLine();
        output.WriteLine(running is null ? $"Tried here as {status.Account}{(isHere ? "" : $": {reader.NoAnswer}")}. MS: the last of {Ticks} runs; BYTES: managed memory of a run on average." : $"As agent {running.ProcessId} says, which runs as {status.Account}. MS: its last run; BYTES: managed memory of a run on average since the start.");
        return ExitCodes.Ok;
    }

    private static async Task<int> ListProcessesAsync(StatusReader reader, ParseResult arguments, CancellationToken cancellationToken)
    {
        InvocationConfiguration console = arguments.InvocationConfiguration;
        bool isHere = arguments.GetValue(DoctorCommand.Here);
        ProcessInventory? running = isHere ? null : await reader.TryAskProcessesAsync(cancellationToken).ConfigureAwait(false);
        ProcessInventory? inventory;
        try
        {
            inventory = running ?? await reader.TryProcessesHereAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException problem)
        {
            console.Error.WriteLine($"the processes cannot be told here: {problem.Message}");
            return ExitCodes.Failed;
        }

        if (inventory is null)
        {
            console.Error.WriteLine($"{(isHere ? "" : $"{reader.NoAnswer}, and ")}the processes cannot be read here: 'weir-agent doctor --here' says why");
            return ExitCodes.Failed;
        }

        List<string[]> rows = [["NAME", "PID", "STARTED"]];
        foreach ((string name, IReadOnlyList<ProcessIdentity> processes) in inventory.Names.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            rows.AddRange(processes.OrderBy(static process => process.StartedAt).ThenBy(static process => process.Pid).Select(process => (string[])
                [name, process.Pid.ToString(CultureInfo.InvariantCulture), process.StartedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)]));
        TextTable.Write(console.Output, rows, 1);
        console.Output.WriteLine();
        console.Output.WriteLine($"At most {ProcessInventory.MaxPerName} of a name, {(isHere ? "as read here" : running is null ? $"as read here: {reader.NoAnswer}" : "as the running agent saw them last")}.");
        return ExitCodes.Ok;
    }
}
