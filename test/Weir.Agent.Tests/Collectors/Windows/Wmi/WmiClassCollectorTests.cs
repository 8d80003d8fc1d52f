using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Windows.Wmi;

public sealed class WmiClassCollectorTests : IDisposable
{
    private static readonly WmiClassConfig Disks = new()
    {
        Name = "disks",
        ClassName = "Win32_LogicalDisk",
        Properties = [new WmiPropertyConfig("FreeSpace", new Metric("test.free", "By", MetricKind.Gauge)), new WmiPropertyConfig("Size", new Metric("test.size", "By", MetricKind.Counter))],
        Attributes = [new WmiAttributeConfig("DeviceID", "system.device"), new WmiAttributeConfig("deviceid", "test.again")],
    };

    private readonly ScriptedWmi _wmi = new();
    private readonly WmiQueue _queue;
    private readonly Columns _columns = new();
    private IReadOnlyList<WmiValue[]> _rows = [];

    public WmiClassCollectorTests()
    {
        _wmi.Answers["Win32_LogicalDisk"] = () => _rows;
        _queue = new WmiQueue(_wmi.Open, TimeProvider.System);
    }

    public void Dispose() => _queue.Dispose();

    private static WmiValue[] Row(string? device, double? free, double size) =>
        [device is null ? default : new WmiValue(WmiValueKind.Text, 0, device), free is { } known ? WmiValue.Of(known) : default, WmiValue.Of(size)];

    private Dictionary<string, double> Collect(WmiClassCollector collector, params WmiValue[][] rows)
    {
        _rows = rows;
        _columns.Clear();
        collector.Collect(_columns);
        var values = new Dictionary<string, double>();
        if (_columns.Count == 0) return values;
        var schema = new Schema(_columns.Parts);
        for (int series = 0; series < _columns.Count; series++)
            if (_columns.States[series] == Columns.Present) values.Add($"{schema.MetricOf(series).Name}{{{string.Join(',', schema.AttributesOf(series).Select(static each => each.Value))}}}", _columns.Values[series]);
        return values;
    }

    [Fact]
    public void Collect_RowsInAnotherOrder_KeepTheirSeries()
    {
        using var collector = new WmiClassCollector(Disks, _queue);
        Dictionary<string, double> first = Collect(collector, Row("D:", 3, 4), Row("C:", 1, 2));
        Assert.Equal((1, 2, 3, 4), (first["test.free{C:,C:}"], first["test.size{C:,C:}"], first["test.free{D:,D:}"], first["test.size{D:,D:}"]));
        IReadOnlyList<SchemaPart> parts = _columns.Parts;
        Dictionary<string, double> second = Collect(collector, Row("C:", 10, 2), Row("D:", 30, 4));
        Assert.Equal((10, 30), (second["test.free{C:,C:}"], second["test.free{D:,D:}"]));
        Assert.Same(parts, _columns.Parts);
        Assert.Equal(["test.free{D:,D:}", "test.size{D:,D:}"], Collect(collector, Row("D:", 1, 1)).Keys);
        Assert.NotSame(parts, _columns.Parts);
        Assert.Empty(Collect(collector));
    }

    [Fact]
    public void Collect_PropertyWithoutAValue_HasNoneAndTheRestHas() =>
        Assert.Equal(["test.size{A:,A:}", "test.free{C:,C:}", "test.size{C:,C:}"], Collect(new WmiClassCollector(Disks, _queue), Row("A:", null, 5), Row("C:", 1, 2)).Keys);

    [Fact]
    public void Collect_AttributeWithoutAValue_IsLeftOut() => Assert.Equal(5, Collect(new WmiClassCollector(Disks, _queue), Row(null, 5, 6))["test.free{}"]);

    [Fact]
    public void Collect_LongAttribute_IsCutBetweenCharacters()
    {
        string text = new string('a', 255) + "😀😀";
        Assert.Contains($"test.free{{{new string('a', 255)},{new string('a', 255)}}}", Collect(new WmiClassCollector(Disks, _queue), Row(text, 5, 6)).Keys);
    }

    [Fact]
    public void Collect_RowsThatCannotBeToldApart_AreRefusedWithTheirAttributes()
    {
        using var collector = new WmiClassCollector(Disks, _queue);
        SourceException error = Assert.Throws<SourceException>(() => Collect(collector, Row("C:", 1, 2), Row("D:", 1, 2), Row("C:", 3, 4)));
        Assert.StartsWith("two rows of Win32_LogicalDisk have DeviceID 'C:'", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Collect(collector, Row("C:", 1, 2)).Count);
        using var bare = new WmiClassCollector(Disks with { Attributes = [] }, _queue);
        Assert.Contains("no attributes", Assert.Throws<SourceException>(() => Collect(bare, Row("C:", 1, 2), Row("D:", 1, 2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_TextOrArrayAsValue_IsRefusedWithItsName()
    {
        using var collector = new WmiClassCollector(Disks, _queue);
        WmiValue device = new(WmiValueKind.Text, 0, "C:"), array = new(WmiValueKind.Unsupported, 0, null);
        Assert.Equal("property FreeSpace of Win32_LogicalDisk is the text 'OK', not a number", Assert.Throws<SourceException>(() => Collect(collector, [device, new WmiValue(WmiValueKind.Text, 0, "OK"), array])).Message);
        Assert.Equal("property Size of Win32_LogicalDisk is an array or an object", Assert.Throws<SourceException>(() => Collect(collector, [device, WmiValue.Of(1), array])).Message);
        Assert.Equal("property DeviceID of Win32_LogicalDisk is an array or an object", Assert.Throws<SourceException>(() => Collect(collector, [array, WmiValue.Of(1), WmiValue.Of(1)])).Message);
    }

    [Fact]
    public void Under_ConfiguredClass_IsACollectorOfItsOwnAtItsOwnInterval()
    {
        var config = new AgentConfig { Interval = TimeSpan.FromMinutes(5), WmiClasses = [Disks with { Interval = TimeSpan.FromSeconds(15) }] };
        CollectorInfo info = CollectorCatalog.Under(config).Last();
        Assert.Equal(("wmi:disks", LaneKind.Normal, true, TimeSpan.FromSeconds(15)), (info.Name, info.Lane, info.IsAlone, info.IntervalIn(config)));
        Assert.Equal(OperatingSystem.IsWindows(), CollectorCatalog.Plan(config, new LinuxRoots(), TimeProvider.System, NullLogger.Instance).Any(static planned => planned.Collector.Name == "wmi:disks"));
    }
}
