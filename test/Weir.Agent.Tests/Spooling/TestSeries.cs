using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

/// <summary>Schemas and frames for tests.</summary>
internal static class TestSeries
{
    public static Schema Schema(string name = "test.value", int instances = 2)
    {
        var template = new Template(NamingRule.OpenTelemetry, ["part"], [new Metric(name, "1", MetricKind.Gauge), new Metric(name + ".total", "By", MetricKind.Counter)]);
        return new Schema([new SchemaPart(template, [.. Enumerable.Range(0, instances).Select(static i => new[] { $"p{i}" })])]);
    }

    /// <summary>A builder with ticks one second apart.</summary>
    public static FrameBuilder Frame(Schema schema, long firstMs, int ticks = 1, double seed = 1, int most = 1)
    {
        var builder = new FrameBuilder(schema, Math.Max(ticks, most));
        var values = new double[schema.SeriesCount];
        var present = new byte[schema.SeriesCount];
        Array.Fill(present, (byte)1);
        for (int t = 0; t < ticks; t++)
        {
            for (int s = 0; s < values.Length; s++) values[s] = seed + (s * 1000) + t;
            builder.AddTick(firstMs + (t * 1000), values, present);
        }

        return builder;
    }

    public static WindowDeclaration Declaration(long samples = 4) =>
        new() { Scheduled = samples, Collected = samples, Late = 0, Missed = 0, Sent = samples, Digest = 7 };
}
