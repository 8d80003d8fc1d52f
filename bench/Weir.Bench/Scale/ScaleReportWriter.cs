using System.Globalization;
using System.Text.Json;

namespace Weir.Bench.Scale;

/// <summary>Writes a report for people or for programs.</summary>
internal static class ScaleReportWriter
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>One JSON object.</summary>
    public static void WriteJson(ScaleReport report, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(report, Json));

    /// <summary>A line or two for each case.</summary>
    public static void WriteTable(ScaleReport report, TextWriter output)
    {
        Row(output, "input", $"{report.Input}: {report.SeriesPerHost} series a host, T = {report.TicksPerFrame}, {report.HotSeconds} s hot");
        Row(output, "machine", $"{report.Machine}");
        foreach (MemoryResult memory in report.Memory)
        {
            Row(output, "memory", $"{memory.Hosts,9:N0} hosts  {memory.ManagedBytesPerHost,9:N0} B/host managed  {memory.RssBytesPerHost,9:N0} B/host resident  ({memory.ManagedBytes / 1048576.0:N1} and {memory.RssBytes / 1048576.0:N1} MiB in all, {memory.FramesPerHost} frames and {memory.BaselineBytesPerHost:N0} B of baselines a host)");
            Row(output, "", $"shared: {memory.SchemasHeld} schema of {memory.SchemaBytes / 1024.0:N0} KiB with templates and labels for all of them; apart it would be {memory.SchemaBytes:N0} B/host more");
        }

        if (report.Start is { } start)
        {
            Row(output, "start", $"{start.Seconds,9:N2} s  {start.LogBytes / 1073741824.0:N2} GiB of hot log, {start.Hosts:N0} hosts, {start.Rows:N0} rows, {start.RowsPerSecond:N0} rows/s");
            Row(output, "", $"log {start.LogSeconds:N2} s, store and writer {start.OpenSeconds:N2} s, catching up {start.CatchUpSeconds:N2} s; CPU user {start.UserSeconds:N2} s, kernel {start.KernelSeconds:N2} s, of it paused for collections {start.CollectionSeconds:N2} s; {start.AllocatedBytesPerRow:N0} B allocated a row");
        }

        if (report.Instant is { } instant)
        {
            Row(output, "instant query", $"{instant.Query} over {instant.Hosts:N0} hot hosts");
            Latency(output, "  a new frame", instant.Fresh);
            Latency(output, "  asked again", instant.Again);
        }

        if (report.Selector is not { } selector) return;
        Row(output, "selector", $"{selector.Series} over {selector.Hours} h: {selector.SamplesReturned:N0} samples from {selector.Parts} parts");
        Latency(output, "", selector.Latency);
        Row(output, "", $"{selector.DecodedPerReturned:N2} samples decoded per sample returned; parts {selector.DiskBytesPerSample:N3} B/sample");
    }

    private static void Latency(TextWriter output, string name, Percentiles latency) => Row(output, name, $"{latency.P50Ms,9:N2} ms p50  {latency.P99Ms,9:N2} ms p99  CPU {latency.CpuP50Ms,9:N2} ms p50  {latency.CpuP99Ms,9:N2} ms p99  of {latency.Count}");

    private static void Row(TextWriter output, string name, FormattableString value) => output.WriteLine($"{name,-16}{value.ToString(CultureInfo.InvariantCulture)}");
}
