using CsCheck;

namespace Weir.Frames.Tests;

public sealed class StripTests
{
    [Fact]
    public void Strip_OfAnyHost_ComesBackBlockByBlock() => ProfiledCase.Any.Sample(
        host =>
        {
            (double[] values, byte[] present) = ProfiledHostileTests.Columns(host);
            int ticks = host.TickCount;
            var encoder = new StripEncoder();
            var decoder = new StripDecoder();
            encoder.Encode(values, present, host.Series, ticks);
            var seen = new HashSet<int>();
            // Backwards: no block needs another.
            for (int b = encoder.BlockCount - 1; b >= 0; b--)
            {
                int[] series = encoder.SeriesOf(b).ToArray();
                var decodedValues = new double[series.Length * ticks];
                var decodedPresent = new byte[decodedValues.Length];
                Assert.True(decoder.TryDecode(encoder.BytesOf(b), series.Length, ticks, decodedValues, decodedPresent));
                for (int i = 0; i < series.Length; i++)
                {
                    Assert.True(seen.Add(series[i]));
                    Assert.True(present.AsSpan(series[i] * ticks, ticks).SequenceEqual(decodedPresent.AsSpan(i * ticks, ticks)));
                    for (int t = 0; t < ticks; t++)
                        Assert.Equal(BitConverter.DoubleToUInt64Bits(values[(series[i] * ticks) + t]), BitConverter.DoubleToUInt64Bits(decodedValues[(i * ticks) + t]));
                }
            }

            Assert.Equal(host.Series, seen.Count);
        },
        iter: 1_000);

    [Fact]
    public void Series_ThatFollowOneAnother_ShareABlock()
    {
        const int Series = 40, Ticks = 50;
        var random = new Random(4);
        var values = new double[Series * Ticks];
        for (int t = 1; t < Ticks; t++)
        {
            for (int s = 0; s < Series; s++) values[(s * Ticks) + t] = values[(s * Ticks) + t - 1] + random.Next(1000);
            values[(39 * Ticks) + t] = values[(39 * Ticks) + t - 1] + values[(2 * Ticks) + t] - values[(2 * Ticks) + t - 1];
        }

        var encoder = new StripEncoder();
        encoder.Encode(values, [.. Enumerable.Repeat((byte)1, values.Length)], Series, Ticks);
        int[] first = encoder.SeriesOf(0).ToArray();
        Assert.Equal(Array.IndexOf(first, 2) + 1, Array.IndexOf(first, 39));
    }
}
