using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary>Each collector of native calls through the catalog, on this machine.</summary>
/// <remarks>Wine lists no page files and no batteries; its counts of TCP are Linux's own, for IPv4 and once more for IPv6.</remarks>
public sealed class NativeCollectorTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("memory")]
    [InlineData("paging")]
    [InlineData("network")]
    [InlineData("uptime")]
    [InlineData("system")]
    [InlineData("filesystem")]
    [InlineData("connections")]
    [InlineData("services")]
    [InlineData("cpu_frequency")]
    public void Collect_SteadyTicks_GiveValuesAndAllocateNothing(string name)
    {
        using SourcedCollector collector = Native.Of(name);
        var columns = new Columns();
        long allocated = 0;
        for (int run = 0; run < 20; run++)
        {
            columns.Clear();
            long before = GC.GetAllocatedBytesForCurrentThread();
            collector.Collect(columns);
            if (run >= 10) allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.NotEmpty(Readings.Of(columns));
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Network_OctetsAndPackets_LieBetweenTwoReadingsOfLinux()
    {
        HostProc.SkipWithout();
        using SourcedCollector collector = Native.Of("network");
        Dictionary<string, double[]> before = Interfaces();
        Dictionary<string, double> values = Readings.Of(collector);
        Dictionary<string, double[]> after = Interfaces();
        Assert.NotEmpty(before);
        foreach ((string name, double[] first) in before)
        {
            Assert.InRange(values[$"system.network.io{{{name},receive}}"], first[0], after[name][0]);
            Assert.InRange(values[$"system.network.packet.count{{{name},receive}}"], first[1], after[name][1]);
            Assert.InRange(values[$"system.network.io{{{name},transmit}}"], first[8], after[name][8]);
        }

        Assert.DoesNotContain("system.network.io{lo,receive}", values.Keys);

        // Every interface but loopback that has counted.
        static Dictionary<string, double[]> Interfaces() => HostProc.Lines(@"net\dev").Skip(2).Where(static words => words[0] != "lo" && words[1] != "0")
            .ToDictionary(static words => words[0], static words => HostProc.Line(@"net\dev", words[0]));
    }

    [Fact]
    public void Network_LoopbackThatIsIncluded_IsReportedAlone()
    {
        HostProc.SkipWithout();
        using SourcedCollector collector = Native.Of("network", new NamePatterns(["lo"], []));
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.Equal(8, values.Count);
        Assert.True(values["system.network.io{lo,receive}"] > 0);
    }

    [Fact]
    public void Uptime_IsWhatTheSystemCounts()
    {
        using SourcedCollector collector = Native.Of("uptime");
        double before = Environment.TickCount64 / 1000.0, uptime = Readings.Of(collector)["system.uptime{}"];
        Assert.InRange(uptime, before - 1, (Environment.TickCount64 / 1000.0) + 1);
    }

    [Fact]
    public void System_CountsOfThreadsProcessesAndHandles_AreAtLeastOurOwn()
    {
        using SourcedCollector collector = Native.Of("system");
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.InRange(values["system.process.count{}"], 1, 100_000);
        Assert.InRange(values["system.thread.count{}"], values["system.process.count{}"], 1_000_000);
        Assert.InRange(values["windows.handle.count{}"], 1, 100_000_000);
        Assert.All(["system.cpu.context_switches{}", "system.cpu.interrupts{}", "windows.system_calls{}"], series => Assert.Contains(series, values.Keys));
    }

    [Fact]
    public void Paging_PageFilesThatCannotBeListed_FailAloneAndFaultsGoOn()
    {
        using var collector = new WindowsPagingCollector();
        var columns = new Columns();
        collector.Collect(columns);
        Assert.Equal(columns.States[0], columns.States[1]);
        Assert.True(columns.States[0] == Columns.Present || Columns.ReasonOf(columns.States[0]) == FailureReason.Error);
        Assert.All(columns.States[2..].ToArray(), static state => Assert.Equal(Columns.Present, state));
    }

    [Fact]
    public void Connections_ListenerOfOurOwn_IsCounted()
    {
        using SourcedCollector collector = Native.Of("connections");
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.True(values["system.network.connection.count{tcp,listen}"] >= 1);
        Assert.Contains("system.network.connection.count{udp}", values.Keys);
        Assert.Equal(ConnectionStates.Count + 1 + 6, values.Count);
    }

    [Fact]
    public void Connections_SegmentsAndResets_LieBetweenTwoReadingsOfLinux()
    {
        HostProc.SkipWithout();
        using SourcedCollector collector = Native.Of("connections");
        (int Field, string Series)[] counters = [(9, "segments{receive}"), (10, "segments{transmit}"), (11, "retransmits{}"), (13, "resets{}")];
        double[] first = Tcp();
        Dictionary<string, double> values = Readings.Of(collector);
        double[] begun = Tcp();
        Assert.All(counters, counter => Assert.Equal(0, values[$"system.network.tcp.{counter.Series}"]));
        using (var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            listener.Start();
            using var client = new System.Net.Sockets.TcpClient();
            client.Connect((System.Net.IPEndPoint)listener.LocalEndpoint);
        }

        double[] before = Tcp();
        values = Readings.Of(collector);
        double[] after = Tcp();
        Assert.True(before[9] > begun[9], "a connection has segments");
        // Counted since the first reading, which was between theirs. Wine has one number for both families.
        Assert.All(counters, counter => Assert.InRange(values[$"system.network.tcp.{counter.Series}"] / 2, before[counter.Field] - begun[counter.Field], after[counter.Field] - first[counter.Field]));

        static double[] Tcp() => [.. HostProc.Lines(@"net\snmp").Where(static words => words[0] == "Tcp").ElementAt(1).Skip(1).Select(static word => double.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void Battery_HostWithoutOne_HasNoSeries()
    {
        HostProc.SkipWithout();
        using SourcedCollector collector = Native.Of("battery");
        Assert.Empty(Readings.Of(collector));
    }
}
