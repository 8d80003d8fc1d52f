using System.CommandLine;
using System.Globalization;
using Weir.Contracts;
using Weir.Log;
using Weir.Query;
using Weir.Server.Exporting;
using Weir.Server.Hosting;
using Weir.Server.Querying;

namespace Weir.Server.Commands;

/// <summary><c>weir export</c>: writes what a data directory holds as Parquet files.</summary>
internal static class ExportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var parquet = new Option<string>("--parquet") { Description = "Where the files go. Run again with the same directory to bring it up to date.", HelpName = "DIR", Required = true };
        var since = new Option<string?>("--since") { Description = "How far back from now, as in 24h. Default: everything stored.", HelpName = "DURATION" };
        var from = new Option<string?>("--from") { Description = "A time in the first hour: RFC 3339 or Unix seconds.", HelpName = "T" };
        var to = new Option<string?>("--to") { Description = "A time in the last hour.", HelpName = "T" };
        var match = new Option<string?>("--match") { Description = "Only the series that this selector meets, as in '{host_name=\"web-1\"}'. Default: all.", HelpName = "SELECTOR" };
        Option<string?> data = CommonOptions.Data("The data directory to read, with no server running. Default ./data.");
        var command = new Command("export", """
            Write stored samples as Parquet: one file per hour (UTC), and EXPORT.json, which names them.

            Repeatable: hours whose file already holds what the store holds are left alone, others are written whole and replaced in one
            step, so that no sample stands twice, whatever was interrupted when. The range is widened to whole hours. What cannot be read is left
            out and named at the end, and the command ends with 1.

            Examples:
              weir export --parquet ./export
              weir export --parquet ./export --since 24h --data /var/lib/weir
              weir export --parquet ./web-1 --match '{host_name="web-1"}' --from 2026-01-31T08:00:00Z --to 2026-01-31T09:00:00Z
            """)
        {
            parquet, since, from, to, match, data,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                ExportRequest request = Request(parsed.GetValue(parquet)!, parsed.GetValue(since), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(match));
                await using Storage storage = await OfflineSource.OpenStorageAsync(parsed.GetValue(data) ?? "data", cancellationToken);
                var run = new ExportRun(new PhysicalFileSystem(), storage.Store, storage.Store, TimeProvider.System, System.Console.Error.WriteLine);
                ExportSummary summary = await run.RunAsync(request, cancellationToken);
                await System.Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{request.Directory}: {summary.Written} hours written ({summary.Rows} samples, {summary.Bytes} bytes), {summary.Unchanged} unchanged, {summary.Kept} kept"));
                return summary.Warning is { } warning ? Fail([warning], ExitCode.Failed) : ExitCode.Ok;
            }
            catch (QueryException e)
            {
                return Fail([e.Message], ExitCode.Usage);
            }
            catch (StartupException e)
            {
                return Fail(e.Problems, e.ExitCode);
            }
            catch (ExportException e)
            {
                return Fail([e.Message], e.ExitCode);
            }
            catch (OperationCanceledException)
            {
                return Fail(["the export was interrupted; run the same command again to go on"], ExitCode.Failed);
            }
        });
        return command;
    }

    private static ExportRequest Request(string directory, string? since, string? from, string? to, string? match)
    {
        if (since is not null && from is not null) throw RangeText.Bad("--since and --from exclude each other");
        long? end = to is null ? null : RangeText.Time("--to", to);
        long? start = from is not null ? RangeText.Time("--from", from) : null;
        if (since is not null) start = (end ?? TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) - RangeText.Duration("--since", since);
        if (start > end) throw RangeText.Bad("the range ends before it begins");
        IReadOnlyList<LabelMatcher>? matchers = [];
        if (match is not null && !QueryEngine.TryGetSelector(match, out matchers))
            throw RangeText.Bad($"--match: '{match}' is not a selector such as 'up' or '{{host_name=\"web-1\"}}'");
        return new ExportRequest { Directory = Path.GetFullPath(directory), Matchers = matchers, FromMs = start, ToMs = end };
    }

    private static int Fail(IReadOnlyList<string> problems, int exitCode)
    {
        foreach (string problem in problems) System.Console.Error.WriteLine($"weir: {problem}");
        return exitCode;
    }
}
