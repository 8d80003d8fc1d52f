using Weir.Bench.Footprint;
using Weir.Bench.Soak;

namespace Weir.Scenarios.Soak;

public sealed class SoakJudgeTests
{
    private static SoakSample Sample(int minute, double megabytes = 30, int handles = 40, int threads = 20, double missed = 0, double lost = 0, double troubles = 0, double unacked = 0) =>
        new(TimeSpan.FromMinutes(minute), new ProcessShare(minute, (long)(megabytes * 1e6), 0, 0, threads, handles), 0, 0, (minute * 60) + 1, missed, lost, troubles, unacked);

    private static string[] Missed(Func<int, SoakSample> sample, int minutes = 60) =>
        [.. SoakJudge.Judge([.. Enumerable.Range(0, minutes + 1).Select(sample)]).Where(static finding => !finding.Kept).Select(static finding => $"{finding.What}: {finding.Found}")];

    [Fact]
    public void Judge_NothingGrowsBehindTheWarmUp_EverythingIsKept() =>
        Assert.Empty(Missed(static minute => Sample(minute, megabytes: minute < 10 ? 20 + minute : 30 + (minute % 3), handles: 40 + (minute % 2), threads: minute == 50 ? 25 : 20)));

    [Fact]
    public void Judge_SomethingLeaks_ItIsNamed()
    {
        Assert.Equal(["resident memory, growth an hour: 5.80 %"], Missed(static minute => Sample(minute, megabytes: 30 + (minute * 0.03))));
        Assert.Equal(["descriptors, middle of the last third: 88"], Missed(static minute => Sample(minute, handles: 36 + minute)));
        Assert.Equal(["threads, middle of the last third: 21"], Missed(static minute => Sample(minute, threads: minute < 35 ? 20 : 21)));
    }

    [Fact]
    public void Judge_SomethingIsLost_ItIsNamed() =>
        Assert.Equal(
            ["ticks missed: 1", "ticks of single collectors lost: 2", "samples dropped, entries buried, quarantined or rejected: 3", "entries not acknowledged at the end: 4"],
            Missed(static minute => Sample(minute, missed: 1, lost: 2, troubles: 3, unacked: 4)));

    [Fact]
    public void Judge_RunThatEndsInTheWarmUp_IsNoProof() => Assert.Equal(["samples behind the warm-up: 2"], Missed(static minute => Sample(minute), minutes: 11));
}
