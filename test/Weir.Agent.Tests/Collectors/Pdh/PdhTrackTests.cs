using Weir.Agent.Collectors.Windows.Pdh;

namespace Weir.Agent.Tests.Collectors.Pdh;

public sealed class PdhTrackTests
{
    [Theory]
    [InlineData(new uint[] { 4000000000 }, 0)]
    [InlineData(new uint[] { 5, 7, 7 }, 2)]
    [InlineData(new uint[] { 4294967295, 0 }, 1)]
    [InlineData(new uint[] { 4294967295, 1, 4000000000, 2 }, 4294967296.0 + 3)]
    [InlineData(new uint[] { 3000000000, 100 }, 1294967296.0 + 100)] // 1.3e9 steps on: a wrap
    [InlineData(new uint[] { 1000, 1500, 10 }, 510)] // would be 4.3e9 steps on: a new beginning
    [InlineData(new uint[] { 10, 4000000000 }, 3999999990.0)]
    public void Widen_Values_GrowFromZeroByUnsignedDifferences(uint[] values, double expected)
    {
        var track = default(PdhTrack);
        double last = 0;
        foreach (uint value in values) last = track.Widen(value);
        Assert.Equal(expected, last);
    }

    [Fact]
    public void Complement_NeverFalls_AndBeginsAnewWhereTheIdleTimeDoes()
    {
        var track = default(PdhTrack);
        (long Idle, long Now)[] steps = [(1000, 5000), (1040, 5100), (1150, 5205), (20, 5300), (40, 5330)];
        Assert.Equal([0, 60, 60, 60, 70], steps.Select(step => track.Complement(step.Idle, step.Now, 1000, At(step.Now, step.Now))));
    }

    [Theory]
    [InlineData(86_400)]
    [InlineData(-86_400)]
    [InlineData(2)]
    public void Complement_WallClockSteps_LosesThatIntervalAloneAndGoesOn(int seconds)
    {
        var track = default(PdhTrack);
        long step = 0;
        double[] busy = new double[6];
        for (int second = 0; second < busy.Length; second++)
        {
            // Idle for 400 ms of each second; the clock steps between the third reading and the fourth, and the idle time may follow it.
            if (second == 3) step = seconds * 1000L;
            busy[second] = track.Complement((second * 400) + 1_000_000_000 + step, (second * 1000) + step, 1000, At(second * 1000, second * 1000));
        }

        Assert.Equal([0, 600, 1200, 1200, 1800, 2400], busy);
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(5000)]
    public void Complement_ReadingThatTookSeconds_IsNoStep(long now)
    {
        var track = default(PdhTrack);
        // The third is of some time between its beginning and its end.
        (long Now, PdhMoment Moment)[] readings = [(0, At(0, 0)), (1000, At(1000, 1000)), (now, At(2000, 5000)), (6000, At(6000, 6000))];
        Assert.Equal([0, 600, now * 0.6, 3600], readings.Select(reading => track.Complement(reading.Now * 4 / 10, reading.Now, 1000, reading.Moment)));
    }

    private static PdhMoment At(long from, long to) => new(TimeSpan.FromMilliseconds(from), TimeSpan.FromMilliseconds(to));
}
