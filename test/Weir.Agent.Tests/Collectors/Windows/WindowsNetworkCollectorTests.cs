using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Collectors.Windows;

/// <summary>Which rows of an interface table are reported, and as what: rows in, values out, on any system.</summary>
public sealed class WindowsNetworkCollectorTests
{
    private const byte Hardware = 0x05;
    private const byte Filter = 0x02;
    private const uint Ethernet = 6;
    private const uint Loopback = 24;
    private const uint Tunnel = 131;
    private const uint Up = 1;
    private const uint Down = 2;

    private readonly Columns _columns = new();

    [Fact]
    public void Collect_Row_GivesItsCounters()
    {
        NativeMethods.InterfaceRow row = Row(1, "Ethernet 2", Ethernet, Hardware) with
        {
            InOctets = 1000, InUnicastPackets = 7, InOtherPackets = 3, InDiscards = 2, InErrors = 1,
            OutOctets = 2000, OutUnicastPackets = 15, OutOtherPackets = 5, OutDiscards = 4, OutErrors = 3,
        };
        using WindowsNetworkCollector collector = New();
        collector.Collect([row], _columns);
        Assert.Equal(["Ethernet 2", "receive"], _columns.Parts[0].Instances[0]);
        Assert.Equal(["Ethernet 2", "transmit"], _columns.Parts[0].Instances[1]);
        Assert.Equal([1000, 2, 1, 2000, 4, 3, 10, 20], _columns.Values.ToArray());
        Assert.All(_columns.States.ToArray(), static state => Assert.Equal(Columns.Present, state));
    }

    [Fact]
    public void Collect_LoopbackTunnelAndFilterRows_AreLeftOut()
    {
        NativeMethods.InterfaceRow[] rows =
        [
            Row(1, "Loopback Pseudo-Interface 1", Loopback, 0),
            Row(2, "Ethernet", Ethernet, Hardware),
            Row(3, "Ethernet-WFP Native MAC Layer LightWeight Filter-0000", Ethernet, Filter),
            Row(4, "Teredo Tunneling Pseudo-Interface", Tunnel, 0),
            Row(5, "vEthernet (Default Switch)", Ethernet, 0),
            Row(6, "Local Area Connection* 3", 23, 0, Down),
        ];
        Assert.Equal(["Ethernet", "vEthernet (Default Switch)"], Reported(rows, NamePatterns.None));
    }

    [Fact]
    public void Collect_Patterns_TakeWhatIsLeftOutByItselfAndNeverWhatTheyExclude()
    {
        NativeMethods.InterfaceRow[] rows = [Row(1, "Loopback Pseudo-Interface 1", Loopback, 0), Row(2, "Ethernet", Ethernet, Hardware), Row(3, "Ethernet 2", Ethernet, Hardware)];
        Assert.Equal(["Loopback Pseudo-Interface 1", "Ethernet"], Reported(rows, new NamePatterns(["Loop*", "Ether*"], ["*2"])));
    }

    [Fact]
    public void Collect_TwoInterfacesOfOneAlias_ReportsTheFirst()
    {
        Assert.Equal(["Ethernet"], Reported([Row(1, "Ethernet", Ethernet, Hardware), Row(2, "Ethernet", Ethernet, Hardware), Row(3, "", Ethernet, Hardware)], NamePatterns.None));
    }

    [Fact]
    public void Collect_InterfaceThatBeginsToCountIsRenamedOrGoes_GivesNewColumns()
    {
        using WindowsNetworkCollector collector = New();
        NativeMethods.InterfaceRow first = Row(1, "Ethernet", Ethernet, Hardware), second = Row(2, "Wi-Fi", Ethernet, Hardware) with { InOctets = 0 };
        Assert.Equal(["Ethernet"], Reported(collector, [first, second]));
        second = second with { InOctets = 1 };
        Assert.Equal(["Ethernet", "Wi-Fi"], Reported(collector, [first, second]));
        Assert.Equal(["Ethernet", "Office"], Reported(collector, [first, Row(2, "Office", Ethernet, Hardware)]));
        Assert.Equal(["Office"], Reported(collector, [Row(2, "Office", Ethernet, Hardware)]));
        Assert.Empty(Reported(collector, []));
        Assert.Equal(0, _columns.Count);
    }

    [Fact]
    public void Collect_TheSameInterfaces_KeepsTheColumnsAndAllocatesNothing()
    {
        using WindowsNetworkCollector collector = New();
        NativeMethods.InterfaceRow[] rows = [Row(1, "Ethernet", Ethernet, Hardware), Row(2, "Loopback", Loopback, 0)];
        collector.Collect(rows, _columns);
        IReadOnlyList<Weir.Frames.SchemaPart> parts = _columns.Parts;
        collector.Collect(rows, _columns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        collector.Collect(rows, _columns);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Same(parts, _columns.Parts);
    }

    private List<string> Reported(NativeMethods.InterfaceRow[] rows, NamePatterns names)
    {
        using WindowsNetworkCollector collector = New(names);
        return Reported(collector, rows);
    }

    private List<string> Reported(WindowsNetworkCollector collector, NativeMethods.InterfaceRow[] rows)
    {
        collector.Collect(rows, _columns);
        return _columns.Count == 0 ? [] : [.. _columns.Parts[0].Instances.Select(static instance => instance[0]).Distinct()];
    }

    private static WindowsNetworkCollector New(NamePatterns? names = null) =>
        new(CollectorContext.Default with { Config = new CollectorConfig { Names = names ?? NamePatterns.None } });

    private static unsafe NativeMethods.InterfaceRow Row(ulong luid, string alias, uint type, byte flags, uint status = Up)
    {
        var row = new NativeMethods.InterfaceRow { Luid = luid, Type = type, Flags = flags, OperStatus = status, InOctets = 100 };
        alias.CopyTo(new Span<char>(row.Alias, NativeMethods.InterfaceRow.MaxAlias));
        return row;
    }
}
