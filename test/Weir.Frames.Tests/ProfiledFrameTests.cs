using CsCheck;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

public sealed class ProfiledFrameTests
{
    [Fact]
    public void Frame_OfAnyHost_ComesBackBitByBit() => ProfiledCase.Any.Sample(
        host =>
        {
            (double[][] values, byte[][] present) = host.Make();
            Baseline baseline = Baseline.TryParse(host.Baseline(values, present).Canonical.Span)!;
            byte[] entry = host.Frame(baseline, values, present);
            using var decoder = new FrameDecoder();
            var decoded = new DecodedFrame();
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            Assert.Equal((byte)CodecId.Profiled, header.Form);
            Assert.Equal(EntryError.None, decoder.Decode(entry, header, host.Schema(), baseline, decoded));
            int first = host.TickCount - host.FrameTicks;
            for (int t = 0; t < host.FrameTicks; t++)
            {
                Assert.Equal(ProfiledCase.TimeOf(first + t), decoded.TimesMs[t]);
                for (int s = 0; s < host.Series; s++)
                {
                    Assert.Equal(present[first + t][s], decoded.Present(s)[t]);
                    double expected = present[first + t][s] == 0 ? 0 : values[first + t][s];
                    Assert.Equal(BitConverter.DoubleToUInt64Bits(expected), BitConverter.DoubleToUInt64Bits(decoded.Values(s)[t]));
                }
            }
        },
        iter: 2_000);

    [Fact]
    public void Frame_OfAnyContent_ComesBackWithABaselineOfAnyOtherContent() => Gen.Select(FrameCase.Any, Gen.Int).Sample(
        (frame, seed) =>
        {
            var random = new Random(seed);
            var history = new ProfileHistory(frame.Schema(), 1 + random.Next(10_000));
            for (int t = random.Next(1, 40); t > 0; t--)
                history.Add(frame.Times[0] - (t * 1000L), [.. Enumerable.Range(0, frame.Series).Select(_ => (double)random.Next(3))], [.. Enumerable.Range(0, frame.Series).Select(_ => (byte)random.Next(2))]);
            if (history.NewestMs < 0) return;
            Baseline baseline = history.MakeBaseline();
            byte[] entry = frame.Encode(baseline: baseline);
            using var decoder = new FrameDecoder();
            var decoded = new DecodedFrame();
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            Assert.Equal(EntryError.None, decoder.Decode(entry, header, frame.Schema(), baseline, decoded));
            for (int s = 0; s < frame.Series; s++)
            {
                for (int t = 0; t < frame.Ticks; t++)
                {
                    int cell = (s * frame.Ticks) + t;
                    Assert.Equal(frame.Present[cell] ? 1 : 0, decoded.Present(s)[t]);
                    Assert.Equal(frame.Present[cell] ? frame.Bits[cell] : 0, BitConverter.DoubleToUInt64Bits(decoded.Values(s)[t]));
                }
            }
        },
        iter: 2_000);

    [Fact]
    public void Decode_WithAnotherBaselineOrNone_SaysSchema()
    {
        var host = new ProfiledCase(5, 20, 5, 0, 0, 1);
        (double[][] values, byte[][] present) = host.Make();
        Baseline baseline = host.Baseline(values, present), other = (host with { HistoryTicks = 19 }).Baseline(values, present);
        byte[] entry = host.Frame(baseline, values, present);
        EntryHeader.TryRead(entry, out EntryHeader header);
        using var decoder = new FrameDecoder();
        Assert.Equal(EntryError.Schema, decoder.Decode(entry, header, host.Schema(), baseline: null, new DecodedFrame()));
        Assert.Equal(EntryError.Schema, decoder.Decode(entry, header, host.Schema(), other, new DecodedFrame()));
        Assert.Equal(EntryError.Schema, decoder.Decode(entry, header, TestSchemas.Of(6), baseline, new DecodedFrame()));
    }

    [Fact]
    public void Seal_Repeatedly_AllocatesNothing()
    {
        var host = new ProfiledCase(40, 300, 5, 0, 9, 3);
        (double[][] values, byte[][] present) = host.Make();
        Baseline baseline = host.Baseline(values, present);
        Schema schema = host.Schema();
        var builder = new FrameBuilder(schema, host.FrameTicks) { Baseline = baseline };
        using var encoder = new FrameEncoder();
        using var decoder = new FrameDecoder();
        var decoded = new DecodedFrame();
        long before = 0;
        for (int i = 0; i < 20; i++)
        {
            if (i == 10) before = GC.GetAllocatedBytesForCurrentThread();
            for (int t = host.HistoryTicks; t < host.TickCount; t++) builder.AddTick(ProfiledCase.TimeOf(t), values[t], present[t]);
            ReadOnlyMemory<byte> entry = encoder.Seal(builder, 1, 0);
            EntryHeader.TryRead(entry.Span, out EntryHeader header);
            if (decoder.Decode(entry.Span, header, schema, baseline, decoded) != EntryError.None) Assert.Fail("the frame does not decode");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Of any sizes, with and without a baseline, whole and cut short: what one leaves behind changes nothing of the next.
    [Fact]
    public void Encoder_OfManyBuilders_MakesTheBytesThatOneOfItsOwnWould()
    {
        using var shared = new FrameEncoder();
        ProfiledCase.Any.Sample(
            host =>
            {
                (double[][] values, byte[][] present) = host.Make();
                var builder = new FrameBuilder(host.Schema(), host.FrameTicks + (host.Seed & 1));
                foreach (Baseline? baseline in (Baseline?[])[host.Baseline(values, present), null])
                {
                    builder.Baseline = baseline;
                    Gather();
                    byte[] bytes = shared.Seal(builder, 1, 0).ToArray();
                    Assert.Equal(0, builder.Ticks);
                    Gather();
                    Assert.Equal(builder.Seal(1, 0), bytes);
                }

                void Gather()
                {
                    for (int t = host.TickCount - host.FrameTicks; t < host.TickCount; t++) builder.AddTick(ProfiledCase.TimeOf(t), values[t], present[t]);
                }
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void Column_ThatLeavesItsForm_FallsBackAlone()
    {
        Schema schema = TestSchemas.Of(20);
        var history = new ProfileHistory(schema, 1000);
        byte[] present = [.. Enumerable.Repeat((byte)1, 20)];
        double[] Tick(int t) => [.. Enumerable.Range(0, 20).Select(s => (double)(t * (s + 1) % 97))];
        for (int t = 0; t < 100; t++) history.Add(t * 1000L, Tick(t), present);
        Baseline baseline = history.MakeBaseline();
        int Bytes(double odd)
        {
            var builder = new FrameBuilder(schema, 10) { Baseline = baseline };
            for (int t = 100; t < 110; t++)
            {
                double[] values = Tick(t);
                if (t == 105 && odd != 0) values[7] = odd;
                builder.AddTick(t * 1000L, values, present);
            }

            return builder.Seal(1, 0).Length;
        }

        Assert.InRange(Bytes(Math.PI), Bytes(0), Bytes(0) + 100);
        Assert.InRange(Bytes(double.NaN), Bytes(0), Bytes(0) + 100);
    }
}
