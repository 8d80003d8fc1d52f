using System.Globalization;
using System.Text.Json;

namespace Weir.Bench.Codec;

/// <summary>Writes a report for people or for programs.</summary>
internal static class CodecReportWriter
{
    private const int NameWidth = 24;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>One JSON object.</summary>
    public static void WriteJson(CodecReport report, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(report, Json));

    /// <summary>What was read, then a block each for bytes, encoding and decoding: formats below, ticks beside each other.</summary>
    public static void WriteTable(CodecReport report, TextWriter output)
    {
        Row(output, "recording", $"{report.Input}: {report.Ticks} ticks of {report.Series} series, {report.Samples:N0} samples");
        if (report.InputCut is { } cut) Row(output, "", $"{cut}");
        Row(output, "times", $"one every {report.IntervalMs} ms, {(report.TimesRounded ? "rounded to the second" : "as recorded")}");
        Row(output, "exact", $"{(report.Exact ? "yes: every value came back bit for bit" : "NO: see standard error")}");
        Row(output, "measured", $"{report.MeasuredTicks} ticks, from tick {report.MeasuredFromTick} on");
        if (report.Note is { } note) Row(output, "", $"{note}");
        Row(output, "apart from that", $"schema and templates {report.SchemaBytes:N0} B; baselines {Costs(report)}");
        Row(output, "machine", $"{report.Machine}");
        FormatSeries[] formats = [new FormatSeries("codec 1", report.Exact, report.Results), .. report.Formats];
        Block(output, "bytes per sample", formats, static result => result.BytesPerSample, "N3");
        Block(output, "of it baselines", formats[..1], static result => result.BaselineBytesPerSample ?? 0, "N3");
        if (report.MeasuredFromTick > 1) Block(output, "before that, B/sample", formats[..2], static result => result.WarmUpBytesPerSample ?? 0, "N3");
        Block(output, "encode, M samples/s", formats, static result => result.EncodeSamplesPerSecond / 1e6, "N2");
        Block(output, "decode, M samples/s", formats, static result => result.DecodeSamplesPerSecond / 1e6, "N2");
        Block(output, "garbage, B per message", formats, static result => result.AllocatedBytesPerFrame, "N0");
    }

    private static void Block(TextWriter output, string title, FormatSeries[] formats, Func<FormatResult, double> figure, string form)
    {
        output.WriteLine();
        output.WriteLine($"{title,-NameWidth}{string.Concat(formats[0].Results.Select(static result => $"{$"T = {result.Ticks}",14}"))}");
        foreach (FormatSeries format in formats)
            output.WriteLine($"{format.Format,-NameWidth}{string.Concat(format.Results.Select(result => $"{figure(result).ToString(form, CultureInfo.InvariantCulture),14}"))}");
    }

    private static string Costs(CodecReport report) => report.Baselines.Count == 0
        ? "none"
        : string.Join(", ", report.Baselines.Take(8).Select(static cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Bytes:N0} B after {cost.AfterTicks} ticks"))) + (report.Baselines.Count > 8 ? ", ..." : "");

    private static void Row(TextWriter output, string name, FormattableString value) => output.WriteLine($"{name,-16}{value.ToString(CultureInfo.InvariantCulture)}");
}
