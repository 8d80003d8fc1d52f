using CsCheck;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>Frames of any shape and content.</summary>
internal sealed record FrameCase(int Series, long[] Times, ulong[] Bits, bool[] Present)
{
    private static readonly ulong[] Special =
    [
        0, 0x8000000000000000, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000002, 0xFFF8DEADBEEF0001, 1, 0x000FFFFFFFFFFFFF, 0x7FEFFFFFFFFFFFFF,
    ];

    private static readonly Gen<ulong> AnyDouble = Gen.OneOf(
        Gen.ULong, Gen.Int[0, Special.Length - 1].Select(static i => Special[i]), Gen.Int[0, 1000].Select(static i => BitConverter.DoubleToUInt64Bits(i)), Gen.Double[0, 100].Select(BitConverter.DoubleToUInt64Bits));

    /// <summary>Any frame: 1 to 40 ticks on a grid or off it, 1 to 60 series, any bits, any gaps.</summary>
    public static Gen<FrameCase> Any { get; } =
        from series in Gen.Int[1, 60]
        from ticks in Gen.Int[1, 40]
        from first in Gen.Long[0, 1L << 46]
        from grid in Gen.Bool
        from interval in Gen.Int[1, 3_600_000]
        from steps in Gen.Long[1, 1L << 34].Array[ticks]
        from bits in AnyDouble.Array[series * ticks]
        from gaps in Gen.Int[0, 2]
        from holes in Gen.Int[0, 9].Array[series * ticks]
        select new FrameCase(series, MakeTimes(first, grid, interval, steps), bits, [.. holes.Select(hole => gaps == 0 || (gaps == 1 ? hole > 0 : hole > 7))]);

    public int Ticks => Times.Length;

    public int Missing => Present.Count(static present => !present);

    public Schema Schema() => TestSchemas.Of(Series);

    public byte[] Encode(ulong seq = 1, Baseline? baseline = null)
    {
        var builder = new FrameBuilder(Schema(), Ticks) { Baseline = baseline };
        for (int t = 0; t < Ticks; t++)
        {
            double[] values = [.. Enumerable.Range(0, Series).Select(s => BitConverter.UInt64BitsToDouble(Bits[(s * Ticks) + t]))];
            byte[] present = [.. Enumerable.Range(0, Series).Select(s => Present[(s * Ticks) + t] ? (byte)1 : (byte)0)];
            builder.AddTick(Times[t], values, present);
        }

        return builder.Seal(seq, 3);
    }

    private static long[] MakeTimes(long first, bool grid, int interval, long[] steps)
    {
        var times = new long[steps.Length];
        times[0] = first;
        for (int t = 1; t < times.Length; t++) times[t] = times[t - 1] + (grid ? interval : steps[t]);
        return times;
    }
}

/// <summary>Schemas for tests.</summary>
internal static class TestSchemas
{
    public static Schema Of(int series)
    {
        var template = new Template(NamingRule.OpenTelemetry, ["n"], [new Metric("m", "By", MetricKind.Counter)]);
        return new Schema([new SchemaPart(template, [.. Enumerable.Range(0, series).Select(static i => new[] { $"{i}" })])]);
    }

    /// <summary>Two metrics of each of some devices.</summary>
    public static Schema Devices(params string[] names)
    {
        var template = new Template(NamingRule.OpenTelemetry, ["device"], [new Metric("first", "s", MetricKind.Counter), new Metric("second", "By", MetricKind.Gauge)]);
        return new Schema([new SchemaPart(template, [.. names.Select(static name => new[] { name })])]);
    }
}
