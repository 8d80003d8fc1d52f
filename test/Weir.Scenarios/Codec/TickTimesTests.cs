using Weir.Bench.Codec;

namespace Weir.Scenarios.Codec;

public sealed class TickTimesTests
{
    [Fact]
    public void Of_SomeMsOffTheSecond_OnTheSecond()
    {
        TickTimes times = TickTimes.Of([1_000_174, 1_001_171, 1_002_176, 1_005_180]);

        Assert.True(times.Rounded);
        Assert.Equal(1000, times.IntervalMs);
        Assert.Equal([1_000_000L, 1_001_000, 1_002_000, 1_005_000], times.TimesMs);
    }

    [Fact]
    public void Of_AroundHalfASecond_KeepsTheirDistance()
    {
        TickTimes times = TickTimes.Of([1_000_497, 1_001_502, 1_002_499, 1_003_501, 1_004_498]);

        Assert.Equal([1000L, 1000, 1000, 1000], times.TimesMs.Skip(1).Zip(times.TimesMs, static (later, earlier) => later - earlier));
    }

    [Fact]
    public void Of_EveryTenSeconds_OnTheSecond()
    {
        TickTimes times = TickTimes.Of([1_000_003, 1_010_001, 1_019_998]);

        Assert.Equal(10_000, times.IntervalMs);
        Assert.Equal([1_000_000L, 1_010_000, 1_020_000], times.TimesMs);
    }

    [Theory]
    [InlineData(new long[] { 1_000_000, 1_000_250, 1_000_500 }, 250)]
    [InlineData(new long[] { 1_000_000, 1_001_500, 1_003_000 }, 1500)]
    public void Of_NotASecondsGrid_AsRecorded(long[] recorded, int interval)
    {
        TickTimes times = TickTimes.Of(recorded);

        Assert.False(times.Rounded);
        Assert.Equal(interval, times.IntervalMs);
        Assert.Equal(recorded, times.TimesMs);
    }

    [Fact]
    public void Of_TwoWithinOneSecond_AsRecorded()
    {
        long[] recorded = [1_000_000, 1_001_000, 1_002_000, 1_002_300, 1_003_000];

        Assert.Equal(recorded, TickTimes.Of(recorded).TimesMs);
    }

    [Fact]
    public void Of_OneTick_OnTheSecond() => Assert.Equal([1_000_000L], TickTimes.Of([1_000_174]).TimesMs);
}
