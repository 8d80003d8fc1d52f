using Weir.Agent.Collection;

namespace Weir.Agent.Tests.Collection;

public sealed class BaselineScheduleTests
{
    private const int Samples = 500;

    [Theory]
    [InlineData(1_000, 5, new[] { 10, 30, 100, 300, 600, 900 })]
    [InlineData(1_000, 1, new[] { 10, 30, 100, 300, 600, 900 })]
    [InlineData(100, 50, new[] { 50, 100, 300, 3300, 6300, 9300 })]
    [InlineData(15_000, 1, new[] { 10, 30, 100, 400, 700, 1000 })]
    [InlineData(5_000, 1, new[] { 10, 30, 100, 300, 600, 900 })]
    [InlineData(50_000, 1, new[] { 10, 30, 330, 630 })]
    [InlineData(3_600_000, 1, new[] { 10, 30, 330, 630 })]
    [InlineData(1_000, 60, new[] { 60, 120, 300, 600, 900, 1200 })]
    public void IsDue_SteadyCost_EarlyAndThenByPeriod(long intervalMs, int frameTicks, int[] made)
    {
        var schedule = new BaselineSchedule(intervalMs);
        Assert.Equal(made, Run(schedule, frameTicks, made[^1], static _ => 0.5));
    }

    [Fact]
    public void Begin_WithCarriedHistory_IsDueAtOnceAndThenLikeAnyOther()
    {
        var schedule = new BaselineSchedule(1000);
        schedule.Begin(carriedTicks: 120);
        Assert.True(schedule.IsDue);
        schedule.Made(1000);
        Assert.Equal([180, 480], Run(schedule, 5, 500, static _ => 0.5));

        schedule.Begin(carriedTicks: 9);
        Assert.False(schedule.IsDue);
        schedule.Gathered(1);
        Assert.True(schedule.IsDue);
    }

    [Fact]
    public void IsDue_CostDoubles_RenewsOnceItWouldHavePaidAndNotAgainForTheNewLevel()
    {
        var schedule = new BaselineSchedule(1000);
        // From tick 400 on each tick costs 0.375 B a sample more than is tolerated: 187 B, so six ticks pay for 1,000 B and a frame ends at the tenth.
        Assert.Equal([10, 30, 100, 300, 410, 710], Run(schedule, 5, 800, static tick => tick <= 400 ? 0.5 : 1.0));
    }

    [Fact]
    public void IsDue_CostWithinTolerance_WaitsForThePeriod()
    {
        var schedule = new BaselineSchedule(1000);
        Assert.Equal([10, 30, 100, 300, 600], Run(schedule, 5, 800, static tick => tick <= 400 ? 0.5 : 0.62));
    }

    [Fact]
    public void IsDue_OneDearFrame_IsForgivenByTheCheapOnesBehindIt()
    {
        var schedule = new BaselineSchedule(1000);
        Assert.Equal([10, 30, 100, 300, 600], Run(schedule, 5, 800, static tick => tick % 20 == 0 ? 0.9 : 0.4));
    }

    [Fact]
    public void IsDue_FramesBecomeShort_IsNoDrift()
    {
        var schedule = new BaselineSchedule(1000);
        Assert.Equal([10, 30, 100, 300], Run(schedule, 5, 400, static _ => 0.5));
        Assert.Empty(Run(schedule, 1, 190, static _ => 0.9));
    }

    // Spools frames of this many ticks, makes each baseline that is due, and says at which ticks.
    private static int[] Run(BaselineSchedule schedule, int frameTicks, int ticks, Func<int, double> bytesPerSample)
    {
        var made = new List<int>();
        for (int tick = frameTicks; tick <= ticks; tick += frameTicks)
        {
            schedule.Gathered(frameTicks);
            schedule.Spooled(frameTicks, frameTicks * Samples, (int)(bytesPerSample(tick) * frameTicks * Samples));
            if (!schedule.IsDue) continue;
            schedule.Made(1000);
            made.Add(tick);
        }

        return [.. made];
    }
}
