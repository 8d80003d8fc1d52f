using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

public sealed class BaselineTests
{
    [Fact]
    public void Baseline_ThroughItsBytes_IsTheSame()
    {
        var host = new ProfiledCase(30, 300, 1, 0, 5, 11);
        (double[][] values, byte[][] present) = host.Make();
        Baseline baseline = host.Baseline(values, present);
        Baseline parsed = Baseline.TryParse(baseline.Canonical.Span)!;
        Assert.Equal(baseline.Id, parsed.Id);
        Assert.Equal(host.Schema().Id, Baseline.SchemaOf(baseline.Canonical.Span));
        Assert.Equal((ProfiledCase.TimeOf(299), 1000, 30), (parsed.TickMs, parsed.IntervalMs, parsed.SeriesCount));
        Assert.Equal(baseline.Profiles.Profiles.ToArray(), parsed.Profiles.Profiles.ToArray());
    }

    [Fact]
    public void Derive_KeepsWhatBothSchemasHave()
    {
        Schema before = TestSchemas.Devices("a", "b", "c"), after = TestSchemas.Devices("a", "c", "d");
        Baseline baseline = Grown(before, 300).MakeBaseline();
        double[] values = [5, 6, 7, 8, 9, 0];
        Baseline derived = baseline.Derive(before, after, values, [1, 1, 1, 1, 1, 0]);
        Assert.Equal(after.Id, derived.SchemaId);
        Assert.Equal(baseline.TickMs, derived.TickMs);
        Assert.Equal(baseline.Profiles.Profiles[0], derived.Profiles.Profiles[0]);
        Assert.Equal(baseline.Profiles.BaseValues[4], derived.Profiles.BaseValues[2]);
        Assert.Equal(9, derived.Profiles.BaseValues[4]);
        Assert.True(derived.Profiles.Profiles[5].Absent);
        Assert.Throws<ArgumentException>(() => derived.Derive(before, after, values, new byte[6]));
        Assert.Throws<ArgumentException>(() => baseline.Derive(before, after, [1], [1]));
        Assert.NotNull(Baseline.TryParse(derived.Canonical.Span));
    }

    [Fact]
    public void Follow_RemembersWhatBothSchemasHave()
    {
        Schema before = TestSchemas.Devices("a", "b", "c"), after = TestSchemas.Devices("d", "a");
        ProfileHistory history = Grown(before, 350);
        long newestMs = history.NewestMs;
        Baseline baseline = history.MakeBaseline();
        Assert.Equal(2, history.Follow(after));
        Assert.Equal((300, newestMs), (history.Ticks, history.NewestMs));
        Baseline other = history.MakeBaseline();
        Assert.Equal(baseline.Profiles.Profiles[0].Rate, other.Profiles.Profiles[2].Rate);
        Assert.Equal(baseline.Profiles.BaseValues[1], other.Profiles.BaseValues[3]);
        Assert.True(other.Profiles.Profiles[0].Absent);
    }

    // Whatever series come and go, where rings stand and rows are: as if a fresh history had seen what is known of the series that are there now.
    [Theory]
    [InlineData(1_000)]
    [InlineData(15_000)]
    [InlineData(60_000)]
    public void Follow_ThroughAnyChanges_RemembersAsAFreshHistoryWould(int intervalMs)
    {
        var random = new Random(1);
        var history = new ProfileHistory(TestSchemas.Devices("0"), intervalMs);
        var seen = new List<Dictionary<string, double[]>>();
        for (int change = 0; change < 60; change++)
        {
            string[] names = [.. Enumerable.Range(0, 40).Where(_ => random.Next(1 + (change % 4)) == 0).Prepend(40).Select(static i => $"{i}")];
            Schema schema = TestSchemas.Devices(names);
            history.Follow(schema);
            // What is gone is forgotten.
            foreach (Dictionary<string, double[]> tick in seen)
                foreach (string gone in tick.Keys.Except(names).ToArray()) tick.Remove(gone);
            for (int t = random.Next(90); t > 0; t--)
            {
                seen.Add(names.ToDictionary(static name => name, _ => new double[] { random.Next(100), random.Next(1000) }));
                history.Add((long)seen.Count * intervalMs, [.. names.SelectMany(name => seen[^1][name])], [.. Enumerable.Repeat((byte)1, schema.SeriesCount)]);
            }

            if (history.Ticks == 0) continue;
            var fresh = new ProfileHistory(schema, intervalMs);
            for (int t = Math.Max(0, seen.Count - ProfileHistory.TicksAt(intervalMs)); t < seen.Count; t++)
                fresh.Add((t + 1L) * intervalMs, [.. names.SelectMany(name => seen[t].GetValueOrDefault(name, [0, 0]))], [.. names.SelectMany(name => Enumerable.Repeat((byte)(seen[t].ContainsKey(name) ? 1 : 0), 2))]);
            Assert.Equal(fresh.MakeBaseline().Id, history.MakeBaseline().Id);
        }
    }

    [Fact]
    public void Follow_ToVeryManySeriesAndBack_KeepsTheNewestTicksAndGivesTheMemoryBack()
    {
        string[] many = [.. Enumerable.Range(0, 20_000).Select(static i => $"device-{i}")];
        Schema few = TestSchemas.Devices("device-0", "b"), all = TestSchemas.Devices(many), fewer = TestSchemas.Devices(many[..^1]);
        ProfileHistory history = Grown(few, 350);
        Assert.Equal(39_998, history.Follow(all));
        // 4 Mi values for 40,000 series are 104 ticks: 64, the next step below.
        Assert.Equal(64, history.Ticks);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(0, history.Follow(fewer));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 40_000 * 64);
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(2, history.Follow(few));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before > 4 * ProfileHistory.MaxTicks * 9, "the rows of 40,000 series are kept for four");
        Assert.Equal((64, 349_000), (history.Ticks, history.NewestMs));
        Assert.True(history.MakeBaseline().Profiles.Profiles[2].Absent);
    }

    [Theory]
    [InlineData(1, 300)]
    [InlineData(5_000, 300)]
    [InlineData(15_000, 100)]
    [InlineData(50_000, 30)]
    [InlineData(3_600_000, 30)]
    public void History_OfAnyDistance_LooksBackAsManyTicksAsItSays(int intervalMs, int ticks)
    {
        var history = new ProfileHistory(TestSchemas.Devices("a"), intervalMs);
        var fresh = new ProfileHistory(TestSchemas.Devices("a"), intervalMs);
        for (long t = 0; t < 350; t++)
        {
            history.Add(t * intervalMs, [t * t % 101, t], [1, 1]);
            if (t >= 350 - ticks) fresh.Add(t * intervalMs, [t * t % 101, t], [1, 1]);
        }

        Assert.Equal(ticks, history.Ticks);
        Assert.Equal(fresh.MakeBaseline().Id, history.MakeBaseline().Id);
    }

    [Fact]
    public void Follow_WhereOneSeriesTakesAnothersPlace_TakesNoMoreThanItsOwnBooks()
    {
        Schema[] schemas = [TestSchemas.Devices([.. Names("a")]), TestSchemas.Devices([.. Names("b")])];
        ProfileHistory history = Grown(schemas[0], 0);
        history.Follow(schemas[1]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++) history.Follow(schemas[i % 2]);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
        // A value of the history takes 9 B, a series 300 of them.
        Assert.InRange(each, 1, schemas[0].SeriesCount * 100);

        static IEnumerable<string> Names(string first) => Enumerable.Range(0, 100).Select(static i => $"{i}").Append(first);
    }

    [Fact]
    public void History_OfTheNewestTicks_DoesNotDependOnWhereTheRingStands()
    {
        Schema schema = TestSchemas.Devices("a");
        foreach (int extra in (int[])[0, 1, 150, 299, 300])
        {
            var ring = new ProfileHistory(schema, 1000);
            var fresh = new ProfileHistory(schema, 1000);
            for (int t = 0; t < 300 + extra; t++)
            {
                double[] values = [t * t % 101, t];
                ring.Add(t * 1000, values, [1, 1]);
                if (t >= extra) fresh.Add(t * 1000, values, [1, 1]);
            }

            Assert.Equal(fresh.MakeBaseline().Id, ring.MakeBaseline().Id);
        }
    }

    [Fact]
    public void Add_InTheSteadyState_AllocatesNothing()
    {
        ProfileHistory history = Grown(TestSchemas.Devices("a", "b"), 400);
        double[] values = [1, 2, 3, 4];
        byte[] present = [1, 1, 1, 1];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int t = 0; t < 100; t++) history.Add(history.NewestMs + 1000, values, present);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Quantum_IsFoundAndPaysOff()
    {
        Schema schema = TestSchemas.Devices("memory");
        var random = new Random(2);
        long pages = 1_000_000;
        int Bytes(int pageBytes)
        {
            var history = new ProfileHistory(schema, 1000);
            for (int t = 0; t < 200; t++) history.Add(t * 1000L, [pageBytes * (double)(pages += random.Next(-9, 10)), 0], [1, 1]);
            var builder = new FrameBuilder(schema, 60) { Baseline = history.MakeBaseline() };
            for (int t = 200; t < 260; t++) builder.AddTick(t * 1000L, [pageBytes * (double)(pages += random.Next(-9, 10)), 0], [1, 1]);
            return builder.Seal(1, 0).Length;
        }

        // Twelve low bits that never move cost nothing.
        Assert.InRange(Bytes(4096) - Bytes(1), -15, 15);
    }

    private static ProfileHistory Grown(Schema schema, int ticks)
    {
        var history = new ProfileHistory(schema, 1000);
        for (int t = 0; t < ticks; t++)
            history.Add(t * 1000L, [.. Enumerable.Range(0, schema.SeriesCount).Select(s => (double)(t * (s + 1)))], [.. Enumerable.Repeat((byte)1, schema.SeriesCount)]);
        return history;
    }
}
