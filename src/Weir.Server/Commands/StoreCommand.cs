using System.CommandLine;
using System.Globalization;
using Weir.Contracts;
using Weir.Server.Hosting;
using Weir.Server.Querying;
using Weir.Stores.FrameStore;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Server.Commands;

/// <summary><c>weir store</c>: looks at the store of a data directory that no server uses, and works on it when asked.</summary>
internal static class StoreCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("store", "Look at the store of a data directory, with no server running, and repair it on request.")
    {
        Inspect(), Verify(), Seal(), Repair(),
    };

    private static Command Inspect()
    {
        var output = CommonOptions.OneOf<StoreOutput>("--output", "Form of the output. Default table.");
        var command = new Command("inspect", "Say what the store holds: per partition its positions in the log, what is not sealed, and every part.") { output };
        return Run(command, (parsed, storage, _) =>
        {
            StorePrinter.Print(new StoreInspection(storage.Store).Inspect(), parsed.GetValue(output), System.Console.Out);
            return Task.FromResult(ExitCode.Ok);
        });
    }

    private static Command Verify() => Run(
        new Command("verify", "Read everything in every part again and compare it with its checksums, digests and the manifest; name what damage took. Exit code 1 where something is damaged."),
        (_, storage, cancellationToken) =>
        {
            var inspection = new StoreInspection(storage.Store);
            int damages = 0;
            foreach (DamageReport damage in inspection.Verify(cancellationToken))
            {
                damages++;
                System.Console.Out.WriteLine($"{damage.Part.Path}: {(damage.Host is null ? "" : $"host {damage.Host}: ")}{damage.Damage}");
            }

            IReadOnlyList<PartitionReport> partitions = inspection.Inspect();
            foreach (MissingEntries missing in partitions.SelectMany(static partition => partition.Missing)) System.Console.Out.WriteLine(StorePrinter.Missing(missing));
            PartReport[] parts = [.. partitions.SelectMany(static partition => partition.Parts)];
            PartReport[] opened = [.. parts.Where(static part => part.Damage == PartDamage.None)];
            Say($"{opened.Length} of {parts.Length} parts read, {opened.Sum(static part => part.Samples)} samples: {(damages == 0 ? "all intact" : $"damage in {damages} place{(damages == 1 ? "" : "s")}")}");
            return Task.FromResult(damages == 0 ? ExitCode.Ok : ExitCode.Failed);
        });

    private static Command Seal() => Run(
        new Command("seal", "Seal all of the log into parts now, and merge the parts of every hour that has ended."),
        async (_, storage, cancellationToken) =>
        {
            var inspection = new StoreInspection(storage.Store);
            await inspection.SealAsync(storage.Writer.Advance, cancellationToken);
            await inspection.MergeAsync(cancellationToken);
            IReadOnlyList<PartitionReport> partitions = inspection.Inspect();
            Say($"{partitions.Sum(static partition => partition.Parts.Count)} parts, {partitions.Sum(static partition => partition.UnsealedBytes)} bytes of log not sealed");
            return ExitCode.Ok;
        });

    private static Command Repair()
    {
        var yes = new Option<bool>("--yes") { Description = "Do it. Without it only what would be given up is printed." };
        var command = new Command("repair", """
            Give up the parts that cannot be opened, so that nothing speaks of them any more. First try to get their files back.

            Parts that open stay as they are, whatever is damaged in them, and so do parts of a newer version.
            """) { yes };
        return Run(command, (parsed, storage, _) =>
        {
            var inspection = new StoreInspection(storage.Store);
            PartReport[] lost = [.. inspection.Inspect().SelectMany(static partition => partition.Parts).Where(static part => StoreInspection.CanGiveUp(part.Damage))];
            foreach (PartReport part in lost)
                System.Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{part.Path}: {part.Damage}: {part.Samples} samples of {part.Hour:u}"));
            if (lost.Length == 0) Say("nothing to repair: every part opens");
            else if (!parsed.GetValue(yes)) return Task.FromResult(Fail(["nothing has been changed; say --yes to give these up for good"], ExitCode.Usage));
            int given = lost.Count(inspection.GiveUp);
            if (given > 0) Say($"{given} parts given up");
            return Task.FromResult(ExitCode.Ok);
        });
    }

    private static Command Run(Command command, Func<ParseResult, Storage, CancellationToken, Task<int>> run)
    {
        Option<string?> data = CommonOptions.Data("The data directory, with no server running. Default ./data.");
        command.Add(data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                await using Storage storage = await OfflineSource.OpenStorageAsync(parsed.GetValue(data) ?? "data", cancellationToken);
                return await run(parsed, storage, cancellationToken);
            }
            catch (StartupException e)
            {
                return Fail(e.Problems, e.ExitCode);
            }
            catch (IOException e)
            {
                return Fail([$"{e.Message}; what the store held it still holds"], ExitCode.Failed);
            }
            catch (OperationCanceledException)
            {
                return Fail(["interrupted; what the store held it still holds"], ExitCode.Failed);
            }
        });
        return command;
    }

    private static void Say(string text) => System.Console.Error.WriteLine(text);

    private static int Fail(IReadOnlyList<string> problems, int exitCode)
    {
        foreach (string problem in problems) System.Console.Error.WriteLine($"weir: {problem}");
        return exitCode;
    }
}
