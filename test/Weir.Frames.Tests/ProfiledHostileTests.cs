using CsCheck;
using Weir.Frames.Profiled;

namespace Weir.Frames.Tests;

/// <summary>Frames, baselines and blocks of strips whose bytes lie.</summary>
public sealed class ProfiledHostileTests
{
    private static readonly ProfiledCase Host = new(12, 60, 6, 3, 7, 5);

    [Fact]
    public void Frame_WithAnyByteChanged_NeverGivesWrongValues()
    {
        (double[][] values, byte[][] present) = Host.Make();
        Baseline baseline = Host.Baseline(values, present);
        byte[] entry = Host.Frame(baseline, values, present);
        EntryHeader.TryRead(entry, out EntryHeader header);
        using var decoder = new FrameDecoder();
        var decoded = new DecodedFrame();
        foreach (byte[] changed in Changes(entry))
        {
            // What stands in front of the entry's payload is the checksum's business; here nothing is checked but what the payload says.
            bool headerIntact = changed.Length >= header.HeaderBytes && changed.AsSpan(0, header.HeaderBytes).SequenceEqual(entry.AsSpan(0, header.HeaderBytes));
            if (!headerIntact)
            {
                Assert.NotEqual(EntryError.None, EntryHeader.TryRead(changed, out _));
                continue;
            }

            Assert.NotEqual(EntryError.None, EntryHeader.TryRead(changed, out _));
            if (decoder.Decode(changed, header, Host.Schema(), baseline, decoded) != EntryError.None) continue;
            for (int s = 0; s < Host.Series; s++)
                for (int t = 0; t < Host.FrameTicks; t++)
                    if (decoded.Present(s)[t] != 0)
                        Assert.Equal(BitConverter.DoubleToUInt64Bits(values[^(Host.FrameTicks - t)][s]), BitConverter.DoubleToUInt64Bits(decoded.Values(s)[t]));
        }
    }

    [Fact]
    public void Baseline_WithAnyByteChanged_IsRefusedOrAnother()
    {
        (double[][] values, byte[][] present) = Host.Make();
        Baseline baseline = Host.Baseline(values, present);
        byte[] entry = Host.Frame(baseline, values, present);
        EntryHeader.TryRead(entry, out EntryHeader header);
        using var decoder = new FrameDecoder();
        var profiled = new ProfiledDecoder();
        var target = new double[Host.Series * Host.FrameTicks];
        int parsed = 0;
        foreach (byte[] changed in Changes(baseline.Canonical.ToArray()))
        {
            if (Baseline.TryParse(changed) is not { } other) continue;
            parsed++;
            Assert.NotEqual(baseline.Id, other.Id);
            Assert.Equal(EntryError.Schema, decoder.Decode(entry, header, Host.Schema(), other, new DecodedFrame()));
            // Past the names: hostile profiles meet honest bytes.
            if (other.SeriesCount == Host.Series)
                profiled.TryDecode(other.Profiles, entry.AsSpan(header.HeaderBytes), Host.FrameTicks, header.Missing, other.AgeOf(header.FirstMs), target, new byte[target.Length]);
        }

        Assert.True(parsed > 100);
    }

    [Fact]
    public void Block_WithAnyByteChanged_DecodesToItsShapeOrNot()
    {
        (double[] values, byte[] present) = Columns(Host);
        var encoder = new StripEncoder();
        encoder.Encode(values, present, Host.Series, Host.TickCount);
        var decoder = new StripDecoder();
        var target = new double[values.Length];
        for (int b = 0; b < encoder.BlockCount; b++)
            foreach (byte[] changed in Changes(encoder.BytesOf(b).ToArray()))
                decoder.TryDecode(changed, encoder.SeriesOf(b).Length, Host.TickCount, target, new byte[target.Length]);
    }

    [Fact]
    public void AnyBytes_AsPayloadBaselineAndBlock_AreSafe() => Gen.Select(Gen.Byte.Array[0, 400], Gen.Int[1, 30], Gen.Int[1, 30]).Sample(
        (bytes, series, ticks) =>
        {
            var target = new double[series * ticks];
            var present = new byte[target.Length];
            new StripDecoder().TryDecode(bytes, series, ticks, target, present);
            Baseline.TryParse([3, 1, .. new byte[32], 5, 10, (byte)series, .. bytes]);
            var set = new ProfileSet();
            set.Reset(series).Fill(SeriesProfile.Still);
            set.Complete();
            new ProfiledDecoder().TryDecode(set, bytes, ticks, missing: 0, age: 1, target, present);
            new ProfiledDecoder().TryDecode(set, bytes, ticks, missing: 1, age: 1, target, present);
        },
        iter: 20_000);

    internal static (double[] Values, byte[] Present) Columns(ProfiledCase host)
    {
        (double[][] values, byte[][] present) = host.Make();
        return ([.. Enumerable.Range(0, host.Series).SelectMany(s => values.Select((tick, t) => present[t][s] == 0 ? 0 : tick[s]))],
            [.. Enumerable.Range(0, host.Series).SelectMany(s => present.Select(tick => tick[s]))]);
    }

    // Every bit flipped, every byte cut off behind, every byte repeated.
    private static IEnumerable<byte[]> Changes(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] flipped = [.. bytes];
                flipped[i] ^= (byte)(1 << bit);
                yield return flipped;
            }

            yield return bytes[..i];
            yield return [.. bytes[..i], bytes[i], .. bytes[i..]];
        }
    }
}
