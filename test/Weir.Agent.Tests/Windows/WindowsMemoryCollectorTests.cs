using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsMemoryCollectorTests
{
    [Fact]
    public void Collect_UsedAndFreeAreTheLimit()
    {
        using var collector = new WindowsMemoryCollector();
        var columns = new Columns();
        collector.Collect(columns);
        Assert.True(columns.Values[2] > 0);
        Assert.Equal(columns.Values[2], columns.Values[0] + columns.Values[1]);
    }
}
