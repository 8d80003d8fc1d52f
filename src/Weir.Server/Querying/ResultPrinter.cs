using System.Globalization;
using Spectre.Console;
using Weir.Contracts;
using Weir.Query;
using Weir.Query.Http;
using Weir.Query.Parsing;

namespace Weir.Server.Querying;

/// <summary>Prints results for people and programs.</summary>
internal static class ResultPrinter
{
    private const int MaxTableSamples = 20;

    /// <summary>Prints a result.</summary>
    public static void Print(QueryResult result, OutputFormat format, TextWriter output)
    {
        switch (format)
        {
            case OutputFormat.Csv:
                PrintCsv(result, output);
                break;
            case OutputFormat.Json:
                output.WriteLine(ResultJson.Of(result));
                break;
            default:
                PrintTable(result, output);
                break;
        }
    }

    private static void PrintCsv(QueryResult result, TextWriter output)
    {
        // RFC 4180 wants CRLF.
        output.Write("time,series,value\r\n");
        foreach (SeriesSamples series in Sorted(result))
        {
            string name = Quote(series.Labels.ToString());
            for (int i = 0; i < series.TimesMs.Length; i++)
                output.Write(string.Create(CultureInfo.InvariantCulture, $"{series.TimesMs[i]},{name},{NumberText.Value(series.Values[i])}\r\n"));
        }
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static void PrintTable(QueryResult result, TextWriter output)
    {
        if (result.Type == ExprType.String)
        {
            output.WriteLine(result.Text);
            return;
        }

        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn("series");
        table.AddColumn("time");
        table.AddColumn(new TableColumn("value").RightAligned());
        int hidden = 0;
        foreach (SeriesSamples series in Sorted(result))
        {
            int from = Math.Max(0, series.TimesMs.Length - MaxTableSamples);
            hidden += from;
            for (int i = from; i < series.TimesMs.Length; i++)
            {
                table.AddRow(
                    Markup.Escape(i == from ? series.Labels.ToString() : ""),
                    DateTimeOffset.FromUnixTimeMilliseconds(series.TimesMs[i]).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                    Markup.Escape(NumberText.Value(series.Values[i])));
            }
        }

        if (table.Rows.Count == 0)
        {
            output.WriteLine("no samples");
            return;
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!AnsiConsole.Profile.Out.IsTerminal) console.Profile.Width = 400;
        console.Write(table);
        if (hidden > 0) output.WriteLine($"{hidden} older samples are not shown; --output csv or json gives all");
    }

    private static IEnumerable<SeriesSamples> Sorted(QueryResult result) => result.Series.OrderBy(static series => series.Labels.ToString(), StringComparer.Ordinal);
}
