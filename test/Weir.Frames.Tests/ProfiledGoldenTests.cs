using Weir.Frames.Profiled;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>Baselines, frames of codec 1 and blocks of strips as they are on disks and wires: they decode to the same values for ever.</summary>
public sealed class ProfiledGoldenTests
{
    private const string BaselineBytes =
        "e0d403e8070600bc0f803c5325044203100e008c1f803cf326044203024080c096018020005320044203029213806453290442032a333333333333d33f005324320203";
    private const string FramePayload = "14175899fe3233333333330de0030000000000e0ff7502ecc0d0072ba03749d1be44209db92c18c410ec0a9dccc3c3";
    private const string BlockBytes =
        "0100d00fd436d51502000eaa0179000000a01fd436d5150240808096018020ff0bd50502029213d442d700040a343333333333d33f00d5003e14379d9ecc6566666666661a00000000000000ff0777023bc69fa272690c6714d9b6cc98047c4b531c50d90acb";

    private static readonly Schema Schema = TestSchemas.Devices("a", "b", "c");

    // Of each kind of series one: a twin of the first, one that stands still, a page counter, decimals, bits; a gap in the last.
    private static readonly double[][] Ticks =
    [
        [1000, 7, 2_000, 4096 * 300, 12.25, 0.1 + 0.2],
        [1017, 7, 2_017, 4096 * 290, 12.5, double.NaN],
        [1040, 7, 2_040, 4096 * 290, 12.75, -0.0],
        [1041, 8, 2_041, 4096 * 291, 12.75, 1e300],
    ];

    private static readonly byte[][] Present = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0]];

    [Fact]
    public void Baseline_OfKnownProfiles()
    {
        Assert.Equal(BaselineBytes, Convert.ToHexStringLower(Known().Canonical.Span[34..]));
        Assert.Equal(Known().Profiles.Profiles.ToArray(), Parse(BaselineBytes).Profiles.Profiles.ToArray());
    }

    [Fact]
    public void Frame_AgainstKnownProfiles()
    {
        var builder = new FrameBuilder(Schema, 4) { Baseline = Parse(BaselineBytes) };
        for (int t = 0; t < 4; t++) builder.AddTick(61_000 + (t * 1000), Ticks[t], Present[t]);
        byte[] entry = builder.Seal(1, 0);
        EntryHeader.TryRead(entry, out EntryHeader header);
        Assert.Equal(FramePayload, Convert.ToHexStringLower(entry.AsSpan(header.HeaderBytes)));
        var values = new double[24];
        var present = new byte[24];
        Assert.True(new ProfiledDecoder().TryDecode(Parse(BaselineBytes).Profiles, Convert.FromHexString(FramePayload), 4, 1, 1, values, present));
        for (int s = 0; s < 6; s++)
            for (int t = 0; t < 4; t++) AssertCell(t, s, values[(s * 4) + t], present[(s * 4) + t]);
    }

    [Fact]
    public void Block_OfAStrip()
    {
        var encoder = new StripEncoder();
        double[] columns = [.. Enumerable.Range(0, 6).SelectMany(static s => Ticks.Select(tick => tick[s]))];
        encoder.Encode(columns, [.. Enumerable.Range(0, 6).SelectMany(static s => Present.Select(tick => tick[s]))], 6, 4);
        Assert.Equal(BlockBytes, Convert.ToHexStringLower(encoder.BytesOf(0)));
        int[] series = encoder.SeriesOf(0).ToArray();
        var values = new double[series.Length * 4];
        var present = new byte[values.Length];
        Assert.True(new StripDecoder().TryDecode(Convert.FromHexString(BlockBytes), series.Length, 4, values, present));
        for (int i = 0; i < series.Length; i++)
            for (int t = 0; t < 4; t++) AssertCell(t, series[i], values[(i * 4) + t], present[(i * 4) + t]);
    }

    private static void AssertCell(int tick, int series, double value, byte present)
    {
        Assert.Equal(Present[tick][series], present);
        Assert.Equal(BitConverter.DoubleToUInt64Bits(present == 0 ? 0 : Ticks[tick][series]), BitConverter.DoubleToUInt64Bits(value));
    }

    private static Baseline Parse(string bytes)
    {
        var writer = new ByteWriter();
        writer.Bytes([3, 1]);
        Schema.Id.Write(writer.Reserve(ContentId.Size));
        writer.Advance(ContentId.Size);
        writer.Bytes(Convert.FromHexString(bytes));
        return Baseline.TryParse(writer.Written)!;
    }

    private static Baseline Known()
    {
        var set = new ProfileSet();
        SeriesProfile moving = SeriesProfile.Still with
        {
            Constant = false, Base = 990, Rate = 15 * 256, Predictor = Predictor.Rate, ZeroAfterMove = 3, ZeroAfterZero = 5, Sign = 1, Spread = 2, Center = 4,
            FirstSpread = 3, FirstCenter = 2, Growth = 1,
        };
        SeriesProfile[] profiles =
        [
            moving,
            SeriesProfile.Still with { Base = 7 },
            moving with { Base = 1990, Predictor = Predictor.Twin, Twin = 0, ZeroAfterZero = 15 },
            moving with { Base = 4096 * 301, Quantum = 4096, Rate = 0, Predictor = Predictor.None, Sign = 0 },
            moving with { Base = 1225, Form = 2, Rate = 25 * 256, Sign = 2 },
            moving with { Base = NumberForm.ToOrdered(0.3), Form = NumberForm.Raw, Rate = 0, Predictor = Predictor.None, Center = 50, Growth = 0, Absent = true },
        ];
        profiles.CopyTo(set.Reset(profiles.Length));
        return Baseline.Make(Schema.Id, 60_000, 1000, set);
    }
}
