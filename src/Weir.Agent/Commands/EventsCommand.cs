using System.CommandLine;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Collectors.Windows.EventLog;
using Weir.Agent.Events;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent events</c>: the newest records of the event log, or of the systemd journal.</summary>
/// <remarks>They are read and printed here, by this account; nothing is sent: logs are no data of Weir's.</remarks>
internal static class EventsCommand
{
    private const string DefaultChannel = "System";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly Option<int> Last = new("--last") { Description = $"How many, 1 to {EventRecord.MaxRecords}", HelpName = "N", DefaultValueFactory = static _ => 20 };

    private static readonly Option<string?> Channel = new("--channel")
    {
        Description = $"A channel of the event log (default {DefaultChannel}), or on Linux a unit of the journal (default: all)",
        HelpName = "NAME",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("events", "Print the newest records of the event log, or of the systemd journal on Linux, the newest first") { Last, Channel, Options.Output };
        command.SetAction(static arguments => Run(
            arguments,
            static (channel, most) => OperatingSystem.IsWindows() ? EventLogReader.Read(channel ?? DefaultChannel, most) : new JournalReader("journalctl", Deadline).Read(channel, most)));
        return command;
    }

    /// <summary>Runs it on a reader.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="read">Reads records of a channel, at most so many.</param>
    internal static int Run(ParseResult arguments, Func<string?, int, IReadOnlyList<EventRecord>> read)
    {
        InvocationConfiguration console = arguments.InvocationConfiguration;
        int last = arguments.GetValue(Last);
        if (last is < 1 or > EventRecord.MaxRecords)
        {
            console.Error.WriteLine($"--last: '{last}' is not allowed; allowed: 1 to {EventRecord.MaxRecords}");
            return ExitCodes.BadUsage;
        }

        try
        {
            EventsPrinter.Print(console.Output, read(arguments.GetValue(Channel), last), arguments.GetValue(Options.Output));
            return ExitCodes.Ok;
        }
        catch (SourceException problem)
        {
            console.Error.WriteLine(problem.Message);
            return ExitCodes.Failed;
        }
    }
}
