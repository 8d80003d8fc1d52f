using Weir.Agent.Collection;
using Weir.Agent.Collectors.Inventory;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsInventoryTests
{
    [Fact]
    public void Collect_ThisHost_SaysItsSystemProcessorsAndDisks()
    {
        using InventoryCollector collector = WindowsInventory.Collector(WmiQueue.Shared);
        var columns = new Columns();
        collector.Collect(columns);
        var schema = new Schema(columns.Parts);
        ILookup<string, SeriesAttribute[]> facts = Enumerable.Range(0, columns.Count).ToLookup(series => schema.MetricOf(series).Name, schema.AttributesOf);
        Assert.Equal(Environment.OSVersion.Version.Build.ToString(System.Globalization.CultureInfo.InvariantCulture), facts["weir.host.os"].Single().Single(static each => each.Key == "os.build_id").Value);
        Assert.NotEmpty(facts["weir.host.cpu"]);
        Assert.Contains(facts["weir.host.disk"], static attributes => attributes[0].Value == "PhysicalDrive0");
        Assert.Single(facts["system.cpu.physical.count"]);
        Assert.Single(facts["weir.host.machine"]);
        Assert.True(columns.States.IndexOfAnyExcept(Columns.Present) < 0);
    }
}
