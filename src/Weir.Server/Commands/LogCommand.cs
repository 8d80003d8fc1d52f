using System.CommandLine;
using Weir.Log;
using Weir.Server.Hosting;
using Weir.Server.Querying;

namespace Weir.Server.Commands;

/// <summary><c>weir log</c>: looks at the embedded log of a data directory, whether a server runs on it or not; changes nothing.</summary>
internal static class LogCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("log", "Look at the log of a data directory, with a server running or not. Nothing is changed.") { Inspect(), Verify() };

    private static Command Inspect()
    {
        var output = CommonOptions.OneOf<StoreOutput>("--output", "Form of the output. Default table.");
        var command = new Command("inspect", "Say what the log holds: per class and partition its segments, positions, bytes, and damage that opening it found.") { output };
        return Run(command, (parsed, partitions, _) =>
        {
            LogPrinter.Print(partitions, parsed.GetValue(output), System.Console.Out);
            return ExitCode.Ok;
        });
    }

    private static Command Verify() => Run(
        new Command("verify", "Read every record and compare it with its checksum. Exit code 1 where something is damaged."),
        static (_, partitions, cancellationToken) =>
        {
            int damages = 0;
            (long records, long bytes, long torn) = (0, 0, 0);
            foreach (LogPartitionView partition in partitions)
            {
                var verifier = new LogVerifier(partition.Log);
                foreach (LogDamage damage in verifier.Run())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    System.Console.Out.WriteLine($"{partition.Name}: {LogPrinter.Describe(damage)}");
                    damages++;
                }

                (records, bytes, torn) = (records + verifier.Entries, bytes + verifier.PayloadBytes, torn + partition.Log.Recovery.TornBytes);
            }

            string tail = torn > 0 ? $"; {torn} bytes at the end never became durable, which is no damage" : "";
            System.Console.Error.WriteLine($"{records} records, {bytes} bytes read: {(damages == 0 ? "all intact" : $"damage in {damages} place{(damages == 1 ? "" : "s")}")}{tail}");
            return damages == 0 ? ExitCode.Ok : ExitCode.Failed;
        });

    private static Command Run(Command command, Func<ParseResult, IReadOnlyList<LogPartitionView>, CancellationToken, int> run)
    {
        Option<string?> data = CommonOptions.Data("The data directory. Default ./data.");
        command.Add(data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var partitions = new List<LogPartitionView>();
            try
            {
                partitions.AddRange(LogPartitionView.OpenAll(parsed.GetValue(data) ?? "data"));
                return run(parsed, partitions, cancellationToken);
            }
            catch (StartupException e)
            {
                foreach (string problem in e.Problems) System.Console.Error.WriteLine($"weir: {problem}");
                return e.ExitCode;
            }
            catch (OperationCanceledException)
            {
                System.Console.Error.WriteLine("weir: interrupted");
                return ExitCode.Failed;
            }
            finally
            {
                foreach (LogPartitionView partition in partitions) await partition.Log.DisposeAsync();
            }
        });
        return command;
    }
}
