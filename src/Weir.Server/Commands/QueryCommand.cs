using System.CommandLine;
using System.Globalization;
using Weir.Query;
using Weir.Server.Hosting;
using Weir.Server.Querying;

namespace Weir.Server.Commands;

/// <summary><c>weir query</c>: asks a running server, or reads a data directory that no server uses.</summary>
internal static class QueryCommand
{
    private const long DefaultSinceMs = 300_000;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var expression = new Argument<string>("EXPR") { Description = "PromQL. A bare selector gives raw samples; other expressions are evaluated at each step." };
        var since = new Option<string?>("--since") { Description = "How far back from now, as in 5m. Default 5m.", HelpName = "DURATION" };
        var from = new Option<string?>("--from") { Description = "First time: RFC 3339 or Unix seconds.", HelpName = "T" };
        var to = new Option<string?>("--to") { Description = "Last time. Default now.", HelpName = "T" };
        var step = new Option<string?>("--step") { Description = "Distance of evaluations, as in 15s. Default: once, at the end of the range.", HelpName = "DURATION" };
        Option<string?> data = CommonOptions.Data("Read this data directory, with no server running and no limit on what is read.");
        Option<Uri> url = CommonOptions.Url();
        var output = CommonOptions.OneOf<OutputFormat>("--output", "Form of the output; json as the HTTP API gives it, csv as time,series,value. Default table.");
        var command = new Command("query", """
            Query stored metrics.

            Examples:
              weir query 'system_cpu_time_seconds_total' --since 1m
              weir query 'sum(rate(system_cpu_time_seconds_total{cpu_mode!="idle"}[1m]))'
              weir query 'system_memory_utilization_ratio' --from 2026-01-31T08:00:00Z --to 2026-01-31T09:00:00Z --output csv --data ./data
            """)
        {
            expression, since, from, to, step, data, url, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                QueryRange range = Range(parsed.GetValue(since), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(step));
                string query = parsed.GetValue(expression)!;
                await using IQuerySource source = parsed.GetValue(data) is { } directory
                    ? await OfflineSource.OpenAsync(directory, cancellationToken)
                    : new HttpSource(parsed.GetValue(url)!);
                QueryResult result = await source.RunAsync(query, range, cancellationToken);
                ResultPrinter.Print(result, parsed.GetValue(output), System.Console.Out);
                if (result.Warning is { } warning) await System.Console.Error.WriteLineAsync($"weir: {warning}");
                return ExitCode.Ok;
            }
            catch (QueryException e)
            {
                await System.Console.Error.WriteLineAsync($"weir: {e.Message}");
                return e.Kind == QueryErrorKind.Syntax ? ExitCode.Usage : ExitCode.Failed;
            }
            catch (StartupException e)
            {
                foreach (string problem in e.Problems) await System.Console.Error.WriteLineAsync($"weir: {problem}");
                return e.ExitCode;
            }
        });
        return command;
    }

    private static QueryRange Range(string? since, string? from, string? to, string? step)
    {
        if (since is not null && from is not null) throw RangeText.Bad("--since and --from exclude each other");
        long end = to is null ? TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() : RangeText.Time("--to", to);
        long start = from is not null ? RangeText.Time("--from", from) : end - (since is null ? DefaultSinceMs : RangeText.Duration("--since", since));
        if (start > end) throw RangeText.Bad("the range ends before it begins");
        return new QueryRange(start, end, step is null ? null : RangeText.Duration("--step", step));
    }
}
