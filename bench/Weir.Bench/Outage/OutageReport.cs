using System.Globalization;

namespace Weir.Bench.Outage;

/// <summary>What an outage left, and how it was made up for.</summary>
internal sealed record OutageReport
{
    /// <summary>Hours without a gateway.</summary>
    public required int Hours { get; init; }

    /// <summary>Series of a host, its tick's skew included.</summary>
    public required int Series { get; init; }

    /// <summary>Agents.</summary>
    public required int Agents { get; init; }

    /// <summary>Samples that each collected in it, as the spools say.</summary>
    public required long SamplesEach { get; init; }

    /// <summary>Frames of a spool.</summary>
    public required int Frames { get; init; }

    /// <summary>Segments of a spool.</summary>
    public required int Segments { get; init; }

    /// <summary>Bytes of a spool.</summary>
    public required long SpoolBytes { get; init; }

    /// <summary>How long filling one took.</summary>
    public required double FillSeconds { get; init; }

    /// <summary>From the start of the process until its first tick was measured, on the spool, ascending.</summary>
    public required IReadOnlyList<double> StartsMs { get; init; }

    /// <summary>The same without a backlog.</summary>
    public required IReadOnlyList<double> EmptyStartsMs { get; init; }

    /// <summary>From the start of each agent's process until the last tick of its outage could be queried.</summary>
    public required IReadOnlyList<double> DrainSeconds { get; init; }

    /// <summary>Fresh ticks meanwhile.</summary>
    public required LiveLatency Draining { get; init; }

    /// <summary>Fresh ticks of agents without a backlog, over the same seconds after their start.</summary>
    public required LiveLatency Quiet { get; init; }

    /// <summary>Fresh ticks once the backlog was gone.</summary>
    public required LiveLatency Steady { get; init; }

    /// <summary>Samples of all spools, live ones included.</summary>
    public required long Made { get; init; }

    /// <summary>Samples that the server stored.</summary>
    public required long Stored { get; init; }

    /// <summary>Writes the table.</summary>
    public void Write(TextWriter output)
    {
        double outage = Hours * 3600.0;
        double[] drains = [.. DrainSeconds.Order()];
        Row(output, "outage", $"{Hours} h, {Series} series at 1 s: {SamplesEach:N0} samples in {Frames:N0} frames; {Agents} agents, each spooled in {FillSeconds:N1} s");
        Row(output, "spool", $"{SpoolBytes:N0} bytes, {SpoolBytes / (double)SamplesEach:N3} a sample, {Segments} segments");
        Row(output, "start", $"{Median(StartsMs):N0} ms, at most {StartsMs[^1]:N0}; without a backlog {Median(EmptyStartsMs):N0} ms, at most {EmptyStartsMs[^1]:N0} (process start to first tick, {StartsMs.Count} starts each)");
        Row(output, "drain", $"{Median(drains):N2} s, {drains[0]:N2} to {drains[^1]:N2} (process start to last tick queryable): {outage / Median(drains):N0} times real time, {SpoolBytes / Median(drains) / 1e6:N1} MB/s");
        Latency(output, "while draining", Draining);
        Latency(output, "without backlog", Quiet);
        Latency(output, "once drained", Steady);
        Row(output, "samples", $"{Made:N0} made, {Stored:N0} stored");
    }

    private static void Latency(TextWriter output, string name, LiveLatency latency) =>
        Row(output, name, $"tick to queryable {latency.P50Ms:N0} ms p50, {latency.P99Ms:N0} ms p99, {latency.MaxMs:N0} ms at most, {latency.Ticks} ticks");

    private static double Median(IReadOnlyList<double> sorted) => sorted[sorted.Count / 2];

    private static void Row(TextWriter output, string name, FormattableString value) => output.WriteLine($"{name,-17}{value.ToString(CultureInfo.InvariantCulture)}");
}
