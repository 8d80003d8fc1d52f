using Weir.Contracts;
using Weir.Frames;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>What a store that was handed some frames must answer, worked out the plain way.</summary>
internal sealed class StoreModel
{
    private readonly Dictionary<(int Agent, int Series), SortedDictionary<long, (FrameRank Rank, double Value)>> _samples = [];

    /// <summary>Takes in a frame that <see cref="TestAgent.Frame"/> made.</summary>
    public void Write(TestAgent agent, long firstMs, int ticks, double shift, in FrameRank rank)
    {
        for (int s = 0; s < agent.Schema.SeriesCount; s++)
        {
            if (!_samples.TryGetValue((agent.Number, s), out var samples)) _samples[(agent.Number, s)] = samples = [];
            for (int t = 0; t < ticks; t++)
            {
                long time = firstMs + ((long)t * TestAgent.IntervalMs);
                if (!samples.TryGetValue(time, out var known) || known.Rank.CompareTo(rank) < 0) samples[time] = (rank, TestAgent.Value(agent.Number, s, time) + shift);
            }
        }
    }

    /// <summary>Forgets everything of some time.</summary>
    public void Forget(Func<long, bool> isGone)
    {
        foreach (var samples in _samples.Values)
            foreach (long time in samples.Keys.Where(isGone).ToArray()) samples.Remove(time);
    }

    /// <summary>Forgets samples of one series.</summary>
    public void Forget(int agent, int series, long fromMs, long toMs)
    {
        foreach (long time in _samples[(agent, series)].Keys.Where(time => time >= fromMs && time <= toMs).ToArray()) _samples[(agent, series)].Remove(time);
    }

    /// <summary>Compares a range and its newest values with what a store answers.</summary>
    public async Task AssertEqualAsync(StoreFixture fixture, long fromMs, long toMs)
    {
        var expected = new SortedDictionary<string, (long Time, double Value)[]>(StringComparer.Ordinal);
        foreach (((int agent, int series), var samples) in _samples)
        {
            (long, double)[] inside = [.. samples.Where(pair => pair.Key >= fromMs && pair.Key <= toMs).Select(static pair => (pair.Key, pair.Value.Value))];
            if (inside.Length > 0) expected[$"{new TestAgent(agent).Id}/i{series}"] = inside;
        }

        AssertEqual(expected, await fixture.ReadAsync(fromMs, toMs));
        foreach (string key in expected.Keys.ToArray()) expected[key] = [expected[key][^1]];
        AssertEqual(expected, await fixture.ReadAsync(fromMs, toMs, latestOnly: true));
    }

    private static void AssertEqual(SortedDictionary<string, (long Time, double Value)[]> expected, IReadOnlyList<SeriesSamples> read)
    {
        Assert.Equal(expected.Keys, read.Select(static series => $"{series.Labels["host_id"]}/{series.Labels["instance"]}").Order(StringComparer.Ordinal));
        foreach (SeriesSamples series in read)
        {
            (long Time, double Value)[] samples = expected[$"{series.Labels["host_id"]}/{series.Labels["instance"]}"];
            Assert.Equal(samples.Select(static sample => sample.Time), series.TimesMs);
            Assert.Equal(samples.Select(static sample => BitConverter.DoubleToInt64Bits(sample.Value)), series.Values.Select(BitConverter.DoubleToInt64Bits));
        }
    }
}
