using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

public sealed class RefusalCountsTests
{
    [Fact]
    public void Add_BeyondTheLimit_KeepsTheCountsThereAreAndCountsOnceThereIsRoom()
    {
        var counts = new RefusalCounts();
        for (ulong seq = 1; seq <= RefusalCounts.MaxEntries; seq++) Assert.Equal(1, counts.Add(1, seq));
        Assert.Equal(0, counts.Add(1, RefusalCounts.MaxEntries + 1));
        Assert.Equal(2, counts.Add(1, 1));
        counts.Forget(1, 1);
        Assert.Equal(1, counts.Add(1, RefusalCounts.MaxEntries + 1));
    }
}
