using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Replay;

/// <summary>The samples that a replay must leave behind, taken from the recording alone: it knows nothing of the sender's code.</summary>
internal static class ReplayExpectation
{
    /// <summary>The samples of a host: bits of each value by series (with the host's own labels) and time in Unix ms.</summary>
    /// <param name="recording">What is replayed.</param>
    /// <param name="host">Number of the host, from 0: it starts at tick 37 times that and wraps.</param>
    /// <param name="seconds">Ticks that it replays.</param>
    /// <param name="hostLabels">Labels that every series of the host has besides its own.</param>
    public static Dictionary<(string Series, long TimeMs), ulong> Samples(Recording recording, int host, int seconds, params SeriesAttribute[] hostLabels)
    {
        string[] series = [.. recording.Series.Select(s => SeriesText.Format(s.Name, s.Labels.Concat(hostLabels)))];
        long firstMs = (long)Math.Round(recording.TimesMs[0] / 1000.0) * 1000;
        var expected = new Dictionary<(string, long), ulong>();
        for (int k = 0; k < seconds; k++)
        {
            int tick = ((host * 37) + k) % recording.Ticks;
            for (int s = 0; s < series.Length; s++)
                if (recording.Present(tick)[s] == 1) expected.Add((series[s], firstMs + (k * 1000L)), Bits(recording.Values(tick)[s]));
        }

        return expected;
    }

    /// <summary>A value's bits, all NaNs as one.</summary>
    public static ulong Bits(double value) => double.IsNaN(value) ? 0x7FF8000000000000 : BitConverter.DoubleToUInt64Bits(value);

    /// <summary>Fails with the first differences where two sets of samples are not the same.</summary>
    public static void AssertSame(Dictionary<(string Series, long TimeMs), ulong> expected, Dictionary<(string Series, long TimeMs), ulong> actual)
    {
        Assert.NotEmpty(expected);
        string[] wrong =
        [
            .. expected.Where(pair => !actual.TryGetValue(pair.Key, out ulong bits) || bits != pair.Value)
                .Select(pair => $"{pair.Key}: expected {pair.Value:x16}, found {(actual.TryGetValue(pair.Key, out ulong bits) ? bits.ToString("x16", null) : "nothing")}"),
            .. actual.Keys.Where(key => !expected.ContainsKey(key)).Select(static key => $"{key}: is there and should not be"),
        ];
        Assert.True(wrong.Length == 0, $"{wrong.Length} differences among {expected.Count} samples:\n{string.Join('\n', wrong.Take(10))}");
    }
}
