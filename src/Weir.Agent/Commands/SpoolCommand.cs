using System.CommandLine;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent spool</c>: looks at what an agent holds, whether it runs or not; changes nothing.</summary>
internal static class SpoolCommand
{
    private static readonly Option<string?> Data = new("--data") { Description = "The agent's data directory; else that of the configuration", HelpName = "DIR" };

    private static readonly Option<string?> To = new("--to") { Description = "Write the bytes of each entry into this directory, too, a file each: EPOCH-SEQ.entry", HelpName = "DIR" };

    private static readonly Option<bool> Quarantine = new("--quarantine") { Description = "The copies of entries that were refused or damaged, instead of the spool" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        return new Command("spool", "Look at the spool of an agent, running or not; nothing is changed")
        {
            Make("inspect", "Say what the spool holds: its epochs and segments, what is acked, its times, its damage", Inspect, Options.Output),
            Make("verify", "Read every entry and name each that is damaged; exit code 1 where one is", Verify),
            Make("export", "Print each entry's header as a line of JSON, for a report", Export, To, Quarantine),
        };
    }

    private static Command Make(string name, string description, Func<ParseResult, string, CancellationToken, Task<int>> run, params Option[] options)
    {
        var command = new Command(name, description) { Options.Config, Data };
        foreach (Option option in options) command.Add(option);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            TextWriter error = arguments.InvocationConfiguration.Error;
            string? directory = arguments.GetValue(Data);
            if (directory is null && (directory = ConfigLoader.TryLoad(arguments.GetValue(Options.Config), error)?.DataDirectory) is null) return ExitCodes.BadUsage;
            try
            {
                return await run(arguments, directory, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception problem) when (problem is AgentDataException or LogException)
            {
                error.WriteLine(problem.Message);
                return ExitCodes.Of(AgentDataException.From(problem, directory));
            }
        });
        return command;
    }

    private static async Task<int> Inspect(ParseResult arguments, string directory, CancellationToken cancellationToken)
    {
        SpoolInspection spool = SpoolInspection.Open(new PhysicalFileSystem(), directory);
        await using (spool.ConfigureAwait(false))
        {
            TextWriter output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(Options.Output) == OutputFormat.Json) SpoolPrinter.PrintJson(spool, output);
            else SpoolPrinter.PrintTable(spool, output);
            return ExitCodes.Ok;
        }
    }

    private static async Task<int> Verify(ParseResult arguments, string directory, CancellationToken cancellationToken)
    {
        SpoolInspection spool = SpoolInspection.Open(new PhysicalFileSystem(), directory);
        await using (spool.ConfigureAwait(false))
        {
            int damages = 0;
            (long entries, long bytes) = (0, 0);
            foreach (string damage in spool.Verify((readEntries, readBytes) => (entries, bytes) = (readEntries, readBytes)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                arguments.InvocationConfiguration.Output.WriteLine(damage);
                damages++;
            }

            string torn = spool.Recovery.TornBytes > 0 ? $"; {spool.Recovery.TornBytes} bytes at the end never became durable, which is no damage" : "";
            arguments.InvocationConfiguration.Error.WriteLine($"{entries} entries, {bytes} bytes read: {(damages == 0 ? "all intact" : $"damage in {damages} place{(damages == 1 ? "" : "s")}")}{torn}");
            return damages == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        }
    }

    private static async Task<int> Export(ParseResult arguments, string directory, CancellationToken cancellationToken)
    {
        var files = new PhysicalFileSystem();
        string? to = arguments.GetValue(To);
        if (to is not null) files.CreateDirectory(to);
        TextWriter output = arguments.InvocationConfiguration.Output;
        if (arguments.GetValue(Quarantine))
        {
            SegmentLog copies = SegmentLog.OpenReadOnly(files, SpoolQuarantine.DirectoryOf(directory), new SegmentLogOptions());
            await using (copies.ConfigureAwait(false)) SpoolExport.WriteQuarantine(copies, output, to, cancellationToken);
            return ExitCodes.Ok;
        }

        SpoolInspection spool = SpoolInspection.Open(files, directory);
        await using (spool.ConfigureAwait(false)) SpoolExport.WriteSpool(spool, output, to, cancellationToken);
        return ExitCodes.Ok;
    }
}
