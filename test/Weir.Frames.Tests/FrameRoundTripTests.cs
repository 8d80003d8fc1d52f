using CsCheck;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

public sealed class FrameRoundTripTests
{
    private static byte[] Of(int series, int ticks)
    {
        var builder = new FrameBuilder(TestSchemas.Of(series), ticks);
        for (int t = 0; t < ticks; t++) builder.AddTick(1000 * t, [.. Enumerable.Range(0, series).Select(s => Math.Sin(s + t))], [.. Enumerable.Repeat((byte)1, series)]);
        return builder.Seal(1, 0);
    }

    [Fact]
    public void AnyFrame_ComesBackBitExact() => FrameCase.Any.Sample(
        frame =>
        {
            byte[] entry = frame.Encode();
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            Assert.Equal((frame.Ticks, frame.Series, frame.Missing, 1UL, 3u), (header.Ticks, header.Series, header.Missing, header.Seq, header.ClockGeneration));
            var decoded = new DecodedFrame();
            using var decoder = new FrameDecoder();
            Assert.Equal(EntryError.None, decoder.Decode(entry, header, frame.Schema(), baseline: null, decoded));
            Assert.True(decoded.TimesMs.SequenceEqual(frame.Times));
            for (int s = 0; s < frame.Series; s++)
            {
                for (int t = 0; t < frame.Ticks; t++)
                {
                    int cell = (s * frame.Ticks) + t;
                    Assert.Equal(frame.Present[cell], decoded.Present(s)[t] == 1);
                    if (frame.Present[cell]) Assert.Equal(frame.Bits[cell], BitConverter.DoubleToUInt64Bits(decoded.Values(s)[t]));
                }
            }
        },
        iter: 2000);

    [Fact]
    public void AnyBitFlipped_IsRefused() => Gen.Select(FrameCase.Any, Gen.Int[0, int.MaxValue], Gen.Int[0, 7]).Sample(
        (frame, place, bit) =>
        {
            byte[] entry = frame.Encode();
            entry[place % entry.Length] ^= (byte)(1 << bit);
            Assert.NotEqual(EntryError.None, EntryHeader.TryRead(entry, out _));
        },
        iter: 3000);

    [Fact]
    public void AnyCut_IsRefused()
    {
        byte[] entry = Of(series: 9, ticks: 4);
        for (int length = 0; length < entry.Length; length++) Assert.NotEqual(EntryError.None, EntryHeader.TryRead(entry.AsSpan(0, length), out _));
        Assert.NotEqual(EntryError.None, EntryHeader.TryRead([.. entry, 0], out _));
    }

    [Fact]
    public void Seal_UnevenTicks_CarriesExplicitTimes()
    {
        var builder = new FrameBuilder(TestSchemas.Of(1), 5);
        foreach (long time in (long[])[1000, 2000, 4000]) builder.AddTick(time, [1.0], [1]);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(builder.Seal(1, 0), out EntryHeader header));
        Assert.True(header.ExplicitTimes);
        Assert.Equal(0u, header.IntervalMs);
        builder.AddTick(1000, [1.0], [1]);
        builder.AddTick(2000, [1.0], [1]);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(builder.Seal(2, 0), out header));
        Assert.Equal((false, 1000u, 2000L), (header.ExplicitTimes, header.IntervalMs, header.LastGridMs));
    }

    [Fact]
    public void Builder_Misuse_IsRefused()
    {
        var builder = new FrameBuilder(TestSchemas.Of(2), 1);
        Assert.Throws<InvalidOperationException>(() => builder.Seal(1, 0));
        Assert.Throws<ArgumentException>(() => builder.AddTick(1, [1.0], [1]));
        builder.AddTick(5, [1.0, 2.0], [1, 1]);
        Assert.True(builder.IsFull);
        Assert.Throws<InvalidOperationException>(() => builder.AddTick(6, [1.0, 2.0], [1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameBuilder(TestSchemas.Of(2), FrameLimits.MaxTicks + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FrameBuilder(TestSchemas.Of(1000), 3000));
    }

    [Fact]
    public void Digest_OfFrames_AddsUpWhateverThePackaging()
    {
        Schema schema = TestSchemas.Of(3);
        ulong alone = 0;
        var one = new FrameBuilder(schema, 1);
        var many = new FrameBuilder(schema, 10);
        for (int t = 0; t < 10; t++)
        {
            double[] values = [t, double.NaN, -t];
            byte[] present = [1, 1, (byte)(t % 2)];
            alone += one.AddTick(1000 * t, values, present);
            one.Seal((ulong)t + 1, 0);
            many.AddTick(1000 * t, values, present);
        }

        Assert.Equal(alone, many.Digest);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(many.Seal(1, 0), out EntryHeader header));
        Assert.Equal(alone, header.Digest);
        Assert.Equal(25, header.SampleCount);
    }

    [Fact]
    public void Decode_WithAnotherSchema_IsRefused()
    {
        byte[] entry = Of(series: 5, ticks: 2);
        EntryHeader.TryRead(entry, out EntryHeader header);
        using var decoder = new FrameDecoder();
        Assert.Equal(EntryError.Schema, decoder.Decode(entry, header, TestSchemas.Of(6), baseline: null, new DecodedFrame()));
        var other = new Schema([new SchemaPart(new Template(NamingRule.OpenTelemetry, [], [.. Enumerable.Range(0, 5).Select(static i => new Metric($"x{i}", "", MetricKind.Gauge))]), [[]])]);
        Assert.Equal(EntryError.Schema, decoder.Decode(entry, header, other, baseline: null, new DecodedFrame()));
    }

    [Fact]
    public void SteadyState_AllocatesNothing()
    {
        Schema schema = TestSchemas.Of(200);
        var builder = new FrameBuilder(schema, 5);
        using var encoder = new FrameEncoder();
        using var decoder = new FrameDecoder();
        var decoded = new DecodedFrame();
        var values = new double[200];
        var present = new byte[200];
        Array.Fill(present, (byte)1);
        long allocated = 0;
        for (int frame = 0; frame < 40; frame++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int t = 0; t < 5; t++)
            {
                for (int s = 0; s < values.Length; s++) values[s] = (frame * 5) + t + s;
                builder.AddTick((frame * 5000) + (t * 1000), values, present);
            }

            ReadOnlyMemory<byte> entry = encoder.Seal(builder, (ulong)frame + 1, 0);
            if (EntryHeader.TryRead(entry.Span, out EntryHeader header) != EntryError.None || decoder.Decode(entry.Span, header, schema, baseline: null, decoded) != EntryError.None) Assert.Fail("the frame does not decode");
            if (frame >= 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
