using CsCheck;
using Weir.Frames;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

public sealed class LatestValuesTests
{
    private const int Series = 5;
    private const int Ticks = 4;

    private static readonly Schema Five = new(
        [new SchemaPart(new Template(NamingRule.OpenTelemetry, ["n"], [new Metric("test.m", "1", MetricKind.Gauge)]), [["1"], ["2"], ["3"], ["4"], ["5"]])]);

    // Overlapping frames of either generation, with holes.
    private static readonly Gen<(int Start, int Seq, byte[] Present)> AnyFrame = Gen.Select(Gen.Int[0, 12], Gen.Int[1, 50], Gen.Byte[0, 1].Array[Series * Ticks]);

    private static DecodedFrame Frame(int start, int seq, byte[] present)
    {
        var builder = new FrameBuilder(Five, Ticks);
        for (int t = 0; t < Ticks; t++)
        {
            double[] values = [.. Enumerable.Range(0, Series).Select(s => (seq * 1000) + ((start + t) * 10) + s)];
            builder.AddTick(1000 * (start + t + 1), values, present.AsSpan(t * Series, Series));
        }

        byte[] bytes = builder.Seal((ulong)seq, 0);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(bytes, out EntryHeader header));
        using var decoder = new FrameDecoder();
        var frame = new DecodedFrame();
        Assert.Equal(EntryError.None, decoder.Decode(bytes, header, Five, null, frame));
        return frame;
    }

    private static FrameRank Rank(int seq) => new(0, 1, (ulong)seq, 1);

    [Fact]
    public void Fold_AnyFramesWithCopiesBetween_HoldsTheNewestOfTheHighestRank()
    {
        AnyFrame.Array[1, 8].Where(static frames => frames.DistinctBy(static frame => frame.Seq).Count() == frames.Length).Sample(frames =>
        {
            const long FromMs = 2000, ToMs = 14_000;
            var latest = new LatestValues(Series, FromMs, ToMs);
            var newest = new (long TimeMs, int Seq)[Series];
            foreach ((int start, int seq, byte[] present) in frames)
            {
                latest = latest.Copy(ToMs);
                latest.Fold(Frame(start, seq, present), Rank(seq));
                for (int i = 0; i < present.Length; i++)
                {
                    (long, int) found = (1000 * (start + (i / Series) + 1), seq);
                    if (present[i] == 1 && found.Item1 is >= FromMs and <= ToMs && found.CompareTo(newest[i % Series]) > 0) newest[i % Series] = found;
                }
            }

            Assert.Equal(newest.Count(static value => value.Seq == 0), latest.Missing);
            for (int s = 0; s < Series; s++)
            {
                Assert.Equal(newest[s].Seq != 0, latest.Has(s));
                if (!latest.Has(s)) continue;
                Assert.Equal(newest[s], (latest.TimeMs(s), (int)latest.Rank(s).Seq));
                Assert.Equal((newest[s].Seq * 1000) + ((newest[s].TimeMs / 1000) - 1) * 10 + s, latest.Value(s));
            }
        }, iter: 2000);
    }

    [Fact]
    public void Copy_FoldedOverAndOver_KeepsNoMoreSourcesThanSeries()
    {
        byte[] all = [.. Enumerable.Repeat((byte)1, Series * Ticks)];
        var latest = new LatestValues(Series, 0, long.MaxValue);
        for (int seq = 1; seq <= 200; seq++)
        {
            latest = latest.Copy(long.MaxValue);
            Assert.InRange(latest.SourceCount, 0, Series);
            latest.Fold(Frame(seq, seq, all), Rank(seq));
        }

        Assert.Equal(2, latest.SourceCount);
        Assert.Equal(1000 * (200 + Ticks), latest.OldestMs);
    }
}
