using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsServiceCollectorTests
{
    private const double Running = 4;

    [Fact]
    public void Collect_ByItself_ReportsWhatStartsAutomatically()
    {
        using SourcedCollector collector = Native.Of("services");
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.Equal((Running, ServiceInfo.Automatic), (values["windows.service.state{PlugPlay}"], (uint)values["windows.service.start_type{PlugPlay}"]));
        Assert.All(values.Where(static pair => pair.Key.StartsWith("windows.service.start_type", StringComparison.Ordinal)), static pair => Assert.Equal(ServiceInfo.Automatic, pair.Value));
    }

    [Fact]
    public void Collect_Patterns_ChooseServicesOfAnyStartType()
    {
        using SourcedCollector collector = Native.Of("services", new NamePatterns(["rpcss", "spool*"], []));
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.Equal(["windows.service.state{RpcSs}", "windows.service.state{Spooler}"], values.Keys.Where(static key => key.StartsWith("windows.service.state", StringComparison.Ordinal)).Order());
        Assert.InRange(values["windows.service.state{Spooler}"], 1, 7);
    }

    [Fact]
    public void Collect_NumbersByState_AreOfAllServices()
    {
        using SourcedCollector collector = Native.Of("services", new NamePatterns(["PlugPlay"], []));
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.Equal(2 + 7, values.Count);
        Assert.True(values["windows.service.count{running}"] >= 1);
        Assert.True(values.Where(static pair => pair.Key.StartsWith("windows.service.count", StringComparison.Ordinal)).Sum(static pair => pair.Value) > 5);
    }

    [Fact]
    public void Collect_ConfigurationIsAskedAgainAndTheSame_KeepsTheColumns()
    {
        var time = new FakeTimeProvider();
        using var collector = new WindowsServiceCollector(CollectorContext.Default with { Time = time });
        var columns = new Columns();
        collector.Collect(columns);
        var parts = columns.Parts;
        time.Advance(TimeSpan.FromMinutes(11));
        columns.Clear();
        collector.Collect(columns);
        Assert.Same(parts, columns.Parts);
        Assert.All(columns.States.ToArray(), static state => Assert.Equal(Columns.Present, state));
    }
}
