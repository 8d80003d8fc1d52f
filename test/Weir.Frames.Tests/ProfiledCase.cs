using CsCheck;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>A host whose series behave as real ones do, and as none should: what codec 1 and strips are tested on.</summary>
internal sealed record ProfiledCase(int Series, int HistoryTicks, int FrameTicks, int GapTicks, int MissingOneIn, int Seed)
{
    public const int IntervalMs = 1000;

    private const long StartMs = 1_700_000_000_000;

    /// <summary>1 to 40 series, 1 to 320 ticks of history, frames of 1 to 70 ticks up to 400 ticks later, with and without gaps.</summary>
    public static Gen<ProfiledCase> Any { get; } =
        from series in Gen.Int[1, 40]
        from history in Gen.OneOf(Gen.Int[1, 12], Gen.Int[13, 320])
        from ticks in Gen.OneOf(Gen.Const(1), Gen.Int[2, 70])
        from gap in Gen.OneOf(Gen.Const(0), Gen.Int[1, 400])
        from missing in Gen.OneOf(Gen.Const(0), Gen.Int[2, 30])
        from seed in Gen.Int
        select new ProfiledCase(series, history, ticks, gap, missing, seed);

    public Schema Schema() => TestSchemas.Of(Series);

    public int TickCount => HistoryTicks + GapTicks + FrameTicks;

    public static long TimeOf(int tick) => StartMs + ((long)tick * IntervalMs);

    /// <summary>All values, tick by tick, and which are present.</summary>
    public (double[][] Values, byte[][] Present) Make()
    {
        var random = new Random(Seed);
        var columns = new double[Series][];
        for (int s = 0; s < Series; s++) columns[s] = MakeColumn(random, columns, s);
        double[][] values = [.. Enumerable.Range(0, TickCount).Select(t => columns.Select(column => column[t]).ToArray())];
        byte[] gone = [.. Enumerable.Range(0, Series).Select(_ => (byte)(MissingOneIn > 0 && random.Next(4) == 0 ? 1 : 0))];
        byte[][] present = [.. Enumerable.Range(0, TickCount).Select(_ => Enumerable.Range(0, Series)
            .Select(s => (byte)(MissingOneIn == 0 || (gone[s] == 0 && random.Next(MissingOneIn) > 0) ? 1 : 0)).ToArray())];
        return (values, present);
    }

    /// <summary>The baseline that the history gives.</summary>
    public Baseline Baseline(double[][] values, byte[][] present)
    {
        var history = new ProfileHistory(Schema(), IntervalMs);
        for (int t = 0; t < HistoryTicks; t++) history.Add(TimeOf(t), values[t], present[t]);
        return history.MakeBaseline();
    }

    /// <summary>The frame behind history and gap.</summary>
    public byte[] Frame(Baseline baseline, double[][] values, byte[][] present)
    {
        var builder = new FrameBuilder(Schema(), FrameTicks) { Baseline = baseline };
        for (int t = TickCount - FrameTicks; t < TickCount; t++) builder.AddTick(TimeOf(t), values[t], present[t]);
        return builder.Seal(7, 1);
    }

    private double[] MakeColumn(Random random, double[][] columns, int series)
    {
        var column = new double[TickCount];
        double value = random.Next(1000);
        int kind = random.Next(11);
        double[] leader = series > 0 ? columns[random.Next(series)] : [];
        int breakAt = random.Next(3) == 0 ? random.Next(TickCount) : -1;
        for (int t = 0; t < column.Length; t++)
        {
            value = kind switch
            {
                0 => value,
                1 => value + random.Next(50),
                2 => value + (4096.0 * random.Next(-20, 30)),
                3 => Math.Round((value + (random.Next(10) / 100.0)) * 100) / 100,
                4 => random.NextDouble(),
                5 => random.Next(20) == 0 ? value + 1 : value,
                6 when leader.Length > 0 => t == 0 ? value : value + (leader[t] - leader[t - 1]),
                7 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                8 => (float)random.NextDouble(),
                9 => value - (random.Next(5) * 1e15),
                _ => random.Next(30) switch { 0 => double.NaN, 1 => -0.0, 2 => double.PositiveInfinity, 3 => double.Epsilon, 4 => double.MinValue, _ => t },
            };
            // A reset, or a value that no profile foresaw.
            if (t == breakAt) value = random.Next(2) == 0 ? 0 : Math.PI * value;
            column[t] = value;
        }

        return column;
    }
}
