using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Weir.Bench.EndToEnd;

/// <summary>Writes a report for people or for programs.</summary>
internal static class ReportWriter
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>One JSON object, names in snake case.</summary>
    public static void WriteJson(EndToEndReport report, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(report, Json));

    /// <summary>A table.</summary>
    public static void WriteTable(EndToEndReport report, TextWriter output)
    {
        Row(output, "input", $"{report.Hosts} hosts x {report.Seconds} s x {report.SeriesPerHost} series = {report.Samples:N0} samples in {report.Frames:N0} frames");
        Row(output, "shape", $"T = {report.TicksPerFrame}, {report.FramesPerBatch} frame(s) a batch, {report.Connections} connection(s), pace {report.Pace.ToString().ToLowerInvariant()}");
        Row(output, "machine", $"{report.Machine}");
        Row(output, "sent", $"{report.SentSamplesPerSecond,14:N0} samples/s   {report.SentSeconds,8:N2} s");
        Row(output, "acked", $"{report.AckedSamplesPerSecond,14:N0} samples/s   {report.AckedSeconds,8:N2} s");
        Row(output, "queryable", $"{report.QueryableSamplesPerSecond,14:N0} samples/s   {report.QueryableSeconds,8:N2} s");
        if (report.SealedSeconds is { } sealedSeconds) Row(output, "sealed", $"{report.SealedSamples / sealedSeconds,14:N0} samples/s   {sealedSeconds,8:N2} s   {report.PartBytesPerSample,8:N3} B/sample in parts");
        Row(output, "CPU, weir", $"{report.WeirCpuSeconds,14:N2} s           {report.SamplesPerWeirCpuSecond,14:N0} samples/CPU s");
        string encoded = report.EncodedAhead ? "frames encoded before the timed section" : "encoding included";
        Row(output, "CPU, bench", $"{report.BenchCpuSeconds,14:N2} s           {report.SamplesPerBenchCpuSecond,14:N0} samples/CPU s   {report.BenchCpuShare:P0} of both; {encoded}");
        Row(output, "memory, weir", $"{report.WeirPeakRssBytes / 1048576.0,14:N1} MiB peak RSS");
        Row(output, "GCs, weir", Counts(report.WeirCollections));
        Row(output, "GCs, bench", Counts(report.BenchCollections));
        Row(output, "wire", $"{report.WireBytesPerSample,14:N3} B/sample    {report.WireBytes,14:N0} B");
        Row(output, "disk", $"{report.DiskBytesPerSample,14:N3} B/sample    {report.DiskBytes,14:N0} B");
        Row(output, "ack latency", $"{report.AckP50Ms,14:N2} ms p50      {report.AckP99Ms,14:N2} ms p99      {report.AckP999Ms,14:N2} ms p99.9   of {report.AckedSteadyBatches:N0} batches in the steady state");
        Row(output, "answers", $"{report.RetriedEntries} RETRY, {report.NeededFrames} NEED, 0 REJECT");
        Row(output, "writer", Counts(report.WriterSamples));
        if (report.Beside is { } beside)
        {
            Row(output, beside.Name, $"{beside.QueryableSamplesPerSecond,14:N0} samples/s   {beside.SamplesPerCpuSecond,14:N0} samples/CPU s   {beside.DiskBytesPerSample,8:N3} B/sample on disk   {beside.WireBytesPerSample:N2} on the wire   {beside.PeakRssBytes / 1048576.0:N0} MiB   {beside.Hosts} hosts, {beside.Samples:N0} samples");
            Row(output, "weir / it", $"{report.SamplesPerWeirCpuSecond / beside.SamplesPerCpuSecond,14:N2} x samples/CPU s   {report.DiskBytesPerSample / beside.DiskBytesPerSample,8:N2} x bytes on disk");
        }

        if (report.DataDirectory is { } data) Row(output, "store", $"{data}");
    }

    private static void Row(TextWriter output, string name, FormattableString value) => Row(output, name, value.ToString(CultureInfo.InvariantCulture));

    private static void Row(TextWriter output, string name, string value) => output.WriteLine($"{name,-14}{value}");

    private static string Counts(IReadOnlyDictionary<string, long> counts) => counts.Count == 0
        ? "not told"
        : string.Join(", ", counts.Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:N0}")));
}
