using Weir.Agent.Spooling;
using Weir.Frames;

namespace Weir.Agent.Tests.Spooling;

public sealed class LostRunTests
{
    [Fact]
    public void Join_RunsThatFollowEachOther_BecomeOneWithTheSumOfTheirWindows()
    {
        LostRun joined = Assert.Single(LostRun.Join([Counted(5, 9, 20), Counted(1, 4, 10), Counted(6, 7, 3)]));
        Assert.Equal((1UL, 9UL), (joined.Range.First, joined.Range.Last));
        Assert.Equal(30, Assert.Single(joined.ToTombstone().Windows).Samples);
    }

    [Fact]
    public void Join_ARunOfWhichOnlyTheNamesAreKnown_IsNotTakenForOneThatHeldNothing()
    {
        List<LostRun> joined = LostRun.Join([Counted(1, 4, 10), NamesOnly(5, 9), Counted(10, 12, 20)]);
        Assert.Equal([(1UL, 4UL, false), (10UL, 12UL, false), (5UL, 9UL, true)], joined.Select(static run => (run.Range.First, run.Range.Last, run.IsNamesOnly)));
        Assert.All(joined, static run => Assert.Equal(run.IsNamesOnly, Tombstone.TryDecode(run.ToTombstone().Encode())!.IsNamesOnly));
    }

    [Fact]
    public void Join_NamesOfWhichMoreIsKnown_AreLeftOut_AndARunIsNotChanged()
    {
        LostRun counted = Counted(1, 9, 10), more = Counted(10, 11, 1);
        Assert.Equal((1UL, 11UL), Assert.Single(LostRun.Join([NamesOnly(2, 4), counted, more])) is var run ? (run.Range.First, run.Range.Last) : default);
        Assert.Equal((9UL, 10), (counted.Range.Last, Assert.Single(counted.ToTombstone().Windows).Samples));
    }

    private static LostRun NamesOnly(ulong first, ulong last) => new(new EntryRange(7, 1, first, last), DropReason.SpoolBudget);

    private static LostRun Counted(ulong first, ulong last, long samples) => new(
        new Tombstone { Epoch = 7, FirstSeq = first, LastSeq = last, Reason = DropReason.SpoolBudget, Windows = [new TombstoneWindow(60_000, samples, 1)] });
}
