using System.Globalization;
using System.Text;

namespace Weir.Scenarios.Codec;

/// <summary>Recordings with what exporters do on bad days.</summary>
internal static class OddRecording
{
    private const long StartMs = 1_800_000_000_000;

    /// <summary>Series that come and go, NaN, infinities, -0, counters that reset, scheduler noise, and gaps in time.</summary>
    public static string Text(int ticks, int gapEvery = int.MaxValue, long stepMs = 1000)
    {
        var text = new StringBuilder("# TYPE requests_total counter\n# TYPE depth gauge\n");
        var random = new Random(7);
        long time = StartMs, noise = 0;
        for (int t = 0; t < ticks; t++)
        {
            time += t > 0 && t % gapEvery == 0 ? 17 * stepMs : stepMs;
            noise += random.NextInt64(1, 900_000);
            text.Append("#T ").Append(time + (stepMs == 1000 ? (t % 5) - 2 : 0)).Append('\n');
            Line(text, "requests_total{code=\"200\"}", t % 131 * 3);
            Line(text, "requests_total{code=\"500\"}", t / 50);
            if (t % 40 < 25) Line(text, "process_seconds{pid=\"17\",name=\"a \\\"b\\\\\"}", noise / 1e9);
            if (t >= 150) Line(text, "late_series", t * 0.1);
            if (t is 3 or 200) Line(text, "once", t);
            Line(text, "odd", (t % 7) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => double.NegativeInfinity, 3 => -0.0, 4 => 0, 5 => 1e300, _ => 4.9e-324 });
            Line(text, "depth", random.NextDouble() - 0.5);
            Line(text, "constant", 42);
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, string series, double value) =>
        text.Append(series).Append(' ').Append(double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
