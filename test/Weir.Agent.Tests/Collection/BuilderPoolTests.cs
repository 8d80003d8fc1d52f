using Weir.Agent.Collection;
using Weir.Agent.Tests.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class BuilderPoolTests
{
    private static readonly Schema Schema = TestSeries.Schema();

    [Fact]
    public void TryRent_SpoolStandsStill_GivesLongOnesThenShortOnesThenNone()
    {
        var pool = new BuilderPool("high/1s", Schema, shortTicks: 5, longTicks: 60, new GroupProfiles(1000));

        List<FrameBuilder> rented = [];
        while (pool.TryRent(60) is { } builder) rented.Add(builder);

        Assert.Equal(BuilderPool.Limit, rented.Count);
        Assert.Equal([.. Enumerable.Repeat(60, BuilderPool.LongLimit), .. Enumerable.Repeat(5, BuilderPool.Limit - BuilderPool.LongLimit)], rented.Select(CapacityOf));
    }

    [Fact]
    public void TryRent_ShortAfterLong_FreesTheLongOnes()
    {
        var pool = new BuilderPool("high/1s", Schema, shortTicks: 5, longTicks: 60, new GroupProfiles(1000));
        FrameBuilder outage = pool.TryRent(60)!;
        pool.Return(outage);
        Assert.Same(outage, pool.TryRent(60));
        pool.Return(outage);

        FrameBuilder daily = pool.TryRent(5)!;
        pool.Return(daily);

        Assert.Same(daily, pool.TryRent(1));
        Assert.NotSame(outage, pool.TryRent(60));
    }

    private static int CapacityOf(FrameBuilder builder)
    {
        var values = new double[Schema.SeriesCount];
        var present = new byte[Schema.SeriesCount];
        while (!builder.IsFull) builder.AddTick(builder.LastMs + 1000, values, present);
        return builder.Ticks;
    }
}
