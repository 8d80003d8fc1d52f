using Weir.Agent.Collectors.Windows.Pdh;

namespace Weir.Agent.Tests.Collectors.Pdh;

public sealed class PdhTrackTests
{
    [Theory]
    [InlineData(new uint[] { 5, 7, 7 }, 7)]
    [InlineData(new uint[] { 4294967295, 0 }, 4294967296.0)]
    [InlineData(new uint[] { 4294967295, 1, 4000000000, 2 }, (2 * 4294967296.0) + 2)]
    [InlineData(new uint[] { 3000000000, 100 }, 1294967296.0 + 100 + 3000000000)] // 1.3e9 steps on: a wrap
    [InlineData(new uint[] { 1000, 10 }, 10)] // would be 4.3e9 steps on: a new beginning
    [InlineData(new uint[] { 10, 4000000000 }, 4000000000.0)]
    public void Widen_Values_GrowByUnsignedDifferences(uint[] values, double expected)
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
        Assert.Equal([0, 60, 60, 60, 70], steps.Select(step => track.Complement(step.Idle, step.Now)));
    }
}
