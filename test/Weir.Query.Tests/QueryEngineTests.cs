using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query.Tests;

public sealed class QueryEngineTests
{
    private static readonly double Stale = BitConverter.Int64BitsToDouble(0x7FF0000000000002);

    private static async Task<QueryResult> InstantAsync(MemoryReader reader, string query, long timeMs, QueryOptions? options = null) =>
        await new QueryEngine(reader, options ?? new QueryOptions()).InstantAsync("default", query, timeMs, null, TestContext.Current.CancellationToken);

    private static async Task<double> ValueAsync(MemoryReader reader, string query, long timeMs) =>
        Assert.Single((await InstantAsync(reader, query, timeMs)).Series).Values[0];

    [Theory]
    [InlineData("1 + 1", 2)]
    [InlineData("2 ^ 3 ^ 2", 512)]
    [InlineData("-2 ^ 2", -4)]
    [InlineData("7 % 4 - 10 / 4", 0.5)]
    [InlineData("-7 % 3", -1)]
    [InlineData("1 > bool 2", 0)]
    [InlineData("0x10 * 2", 32)]
    public async Task Instant_Numbers_AreComputed(string query, double expected)
    {
        QueryResult result = await InstantAsync(new MemoryReader(), query, 0);
        Assert.Equal(ExprType.Scalar, result.Type);
        Assert.Equal(expected, result.Series[0].Values[0]);
    }

    [Fact]
    public async Task Instant_Selector_LooksBackFiveMinutesAndNotFurther()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 1000, 1, 2, 3);
        Assert.Equal(3, await ValueAsync(reader, "x", 2000));
        Assert.Equal(2, await ValueAsync(reader, "x", 1999));
        Assert.Equal(3, await ValueAsync(reader, "x", 301_999));
        Assert.Empty((await InstantAsync(reader, "x", 302_000)).Series);
    }

    [Fact]
    public async Task Instant_StaleMarker_EndsTheSeries()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 1000, 1, Stale);
        Assert.Equal(1, await ValueAsync(reader, "x", 500));
        Assert.Empty((await InstantAsync(reader, "x", 1000)).Series);
    }

    // Window (0 s, 60 s], a sample each 15 s: 15..60 are in. Increase between them 45; no gap beyond 1.1 distances, so it is
    // extrapolated over the whole minute: 45 * 60 / 45.
    [Fact]
    public async Task Increase_CoveredWindow_IsExtrapolatedToItsEdges()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 15_000, 100, 115, 130, 145, 160);
        Assert.Equal(60, await ValueAsync(reader, "increase(x[1m])", 60_000), 12);
        Assert.Equal(1, await ValueAsync(reader, "rate(x[1m])", 60_000), 12);
    }

    // 10, 20, then a restart at 5, 15: 10 + 5 + 10 = 25 over 45 s.
    [Fact]
    public async Task Increase_CounterReset_CountsFromZero()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 15_000, 0, 10, 20, 5, 15);
        Assert.Equal(25.0 * 60 / 45, await ValueAsync(reader, "increase(x[1m])", 60_000), 12);
    }

    // Samples at 15 and 30 of a window to 60: the end is 30 s away, more than 1.1 x 15, so half a distance is added there;
    // the start is 15 s away, covered. 10 over 15 s sampled, extended to 15 + 15 + 7.5; but from 100 the zero is far.
    [Fact]
    public async Task Increase_GapAtTheEnd_ReachesHalfADistance()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 15_000, 90, 100, 110);
        Assert.Equal(10 * (15 + 15 + 7.5) / 15, await ValueAsync(reader, "increase(x[1m])", 60_000), 12);
    }

    // A counter that would have been zero 3 s before its first sample is not extrapolated further back.
    [Fact]
    public async Task Increase_NearZero_IsNotExtrapolatedBelowIt()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 15_000, 0, 2, 12, 22, 32);
        double sampled = 45, increase = 30, toZero = sampled * (2 / increase);
        Assert.Equal(increase * (sampled + toZero) / sampled, await ValueAsync(reader, "increase(x[1m])", 60_000), 12);
    }

    [Fact]
    public async Task Rate_OneSample_GivesNothing()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 60_000, 1, 2);
        Assert.Empty((await InstantAsync(reader, "rate(x[1m])", 60_000)).Series);
    }

    [Fact]
    public async Task Aggregations_GroupByLabels()
    {
        MemoryReader reader = new MemoryReader()
            .Add("x", "host=a,core=0", 1000, 1).Add("x", "host=a,core=1", 1000, 3).Add("x", "host=b,core=0", 1000, 10);
        Assert.Equal(14, await ValueAsync(reader, "sum(x)", 0));
        Assert.Equal(14 / 3.0, await ValueAsync(reader, "avg(x)", 0));
        Assert.Equal(3, await ValueAsync(reader, "count(x)", 0));
        Assert.Equal(1, await ValueAsync(reader, "min(x)", 0));
        Assert.Equal(10, await ValueAsync(reader, "max(x)", 0));
        QueryResult by = await InstantAsync(reader, "sum by (host) (x)", 0);
        Assert.Equal([("{host=\"a\"}", 4.0), ("{host=\"b\"}", 10.0)], by.Series.Select(static s => (s.Labels.ToString(), s.Values[0])).Order());
        QueryResult without = await InstantAsync(reader, "sum without (host) (x)", 0);
        Assert.Equal([("{core=\"0\"}", 11.0), ("{core=\"1\"}", 3.0)], without.Series.Select(static s => (s.Labels.ToString(), s.Values[0])).Order());
    }

    [Fact]
    public async Task Vectors_MatchOneToOne()
    {
        MemoryReader reader = new MemoryReader()
            .Add("used", "host=a", 1000, 30).Add("used", "host=b", 1000, 5).Add("limit", "host=a", 1000, 100).Add("limit", "host=c", 1000, 1)
            .Add("other", "host=a,kind=z", 1000, 2);
        QueryResult ratio = await InstantAsync(reader, "100 * used / limit", 0);
        SeriesSamples only = Assert.Single(ratio.Series);
        Assert.Equal("{host=\"a\"}", only.Labels.ToString());
        Assert.Equal(30, only.Values[0]);
        Assert.Equal(28, await ValueAsync(reader, "used - on (host) other", 0));
        Assert.Equal(60, await ValueAsync(reader, "other * ignoring (kind) used", 0));
        SeriesSamples kept = Assert.Single((await InstantAsync(reader, "used > 10", 0)).Series);
        Assert.Equal("used{host=\"a\"}", kept.Labels.ToString());
        Assert.Equal([0.0, 1.0], (await InstantAsync(reader, "used > bool 10", 0)).Series.Select(static s => s.Values[0]).Order());
    }

    [Fact]
    public async Task Vectors_ManyOnOneSide_AreRefused()
    {
        MemoryReader reader = new MemoryReader().Add("a", "x=1,y=1", 1000, 1).Add("a", "x=1,y=2", 1000, 1).Add("b", "x=1", 1000, 1);
        foreach (string query in (string[])["a * on (x) b", "b * on (x) a"])
            Assert.Equal(QueryErrorKind.Execution, (await Assert.ThrowsAsync<QueryException>(() => InstantAsync(reader, query, 0))).Kind);
    }

    [Fact]
    public async Task Range_Selector_GivesEveryStep()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 1000, 1, 2, 3, 4, 5);
        QueryResult result = await new QueryEngine(reader, new QueryOptions()).RangeAsync("default", "x", 0, 4000, 2000, null, TestContext.Current.CancellationToken);
        SeriesSamples series = Assert.Single(result.Series);
        Assert.Equal([0, 2000, 4000], series.TimesMs);
        Assert.Equal([1, 3, 5], series.Values);
    }

    [Fact]
    public async Task Range_AndInstant_AgreeAtEveryStep()
    {
        var random = new Random(7);
        double counter = 0;
        double[] values = [.. Enumerable.Range(0, 300).Select(_ => counter = random.Next(40) == 0 ? random.Next(5) : counter + random.Next(10))];
        MemoryReader reader = new MemoryReader().Add("x", "a=1", 1000, values).Add("x", "a=2", 1700, values);
        var engine = new QueryEngine(reader, new QueryOptions());
        foreach (string query in (string[])["rate(x[13s])", "sum(increase(x[7s]))", "x - 3", "avg by (a) (x) / 2"])
        {
            QueryResult range = await engine.RangeAsync("default", query, 10_500, 290_000, 3100, null, TestContext.Current.CancellationToken);
            int compared = 0;
            for (long time = 10_500; time <= 290_000; time += 3100)
            {
                foreach (SeriesSamples instant in (await InstantAsync(reader, query, time)).Series)
                {
                    SeriesSamples series = range.Series.Single(series => series.Labels.Equals(instant.Labels));
                    Assert.Equal(instant.Values[0], series.Values[Array.IndexOf(series.TimesMs, time)]);
                    compared++;
                }
            }

            Assert.True(compared > 80);
        }
    }

    [Fact]
    public async Task Instant_RangeSelector_GivesRawSamplesOfALeftOpenWindow()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 1000, 1, 2, 3, 4);
        QueryResult result = await InstantAsync(reader, "x[2s]", 3000);
        Assert.Equal(ExprType.Matrix, result.Type);
        Assert.Equal([2000, 3000], Assert.Single(result.Series).TimesMs);
    }

    [Theory]
    [InlineData("topk(1, x)", "the aggregation 'topk'")]
    [InlineData("x or y", "the operator 'or'")]
    [InlineData("a * on (b) group_left c", "the modifier 'group_left'")]
    [InlineData("abs(x)", "the function 'abs'")]
    [InlineData("x offset 5m", "the modifier 'offset'")]
    [InlineData("x @ 5", "the modifier '@'")]
    [InlineData("rate(x[5m:1m])", "subqueries")]
    public async Task Evaluate_WhatIsNotThereYet_SaysSo(string query, string what)
    {
        QueryException error = await Assert.ThrowsAsync<QueryException>(() => InstantAsync(new MemoryReader(), query, 0));
        Assert.Equal(QueryErrorKind.NotSupported, error.Kind);
        Assert.Equal($"not supported yet: {what}", error.Message);
    }

    [Fact]
    public async Task Limits_AreNamed()
    {
        MemoryReader reader = new MemoryReader().Add("x", "", 1000, 1, 2, 3, 4);
        QueryException samples = await Assert.ThrowsAsync<QueryException>(() => InstantAsync(reader, "x[1m]", 3000, new QueryOptions { MaxSamples = 3 }));
        Assert.Equal(QueryErrorKind.Limit, samples.Kind);
        Assert.Contains("3 samples", samples.Message, StringComparison.Ordinal);
        var engine = new QueryEngine(reader, new QueryOptions());
        QueryException steps = await Assert.ThrowsAsync<QueryException>(() => engine.RangeAsync("default", "x", 0, 11_000_000, 1000, null, TestContext.Current.CancellationToken));
        Assert.Contains("11000", steps.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<QueryException>(() => InstantAsync(reader, new string('x', 20_000), 0));
    }
}
