using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>A collector with several sources, by a clock that the test moves.</summary>
public sealed class SourcedCollectorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Scripted _first = new(1), _second = new(2);
    private readonly Columns _columns = new();

    private SourcedCollector Make(params CollectorSource[] sources) =>
        new("scripted", sources, new CollectorContext(new LinuxRoots(), _time, new CollectorConfig()), NullLogger.Instance);

    private double Collect(SourcedCollector collector)
    {
        _columns.Clear();
        collector.Collect(_columns);
        return _columns.Values[0];
    }

    [Theory]
    [InlineData(14392, false, false)]
    [InlineData(14393, true, false)]
    [InlineData(17763, true, true)]
    public void IsOn_BuildsOfWindows_FromTheirFirstOn(int build, bool usual, bool later)
    {
        CollectorSource source = new("x", [], static _ => throw new NotSupportedException());
        Assert.Equal((usual, later), (source.IsOn(build), (source with { MinBuild = 17763 }).IsOn(build)));
    }

    [Fact]
    public void Collect_FirstFails_NextTakesOverWithinTheTickAndTheBetterOneComesBack()
    {
        using SourcedCollector collector = Make(_first.Source, _second.Source);
        Assert.Equal(1, Collect(collector));
        Assert.Equal((SourceState.Works, SourceState.Unused), (collector.StateOf(0), collector.StateOf(1)));
        _first.Error = new UnauthorizedAccessException("no");
        Assert.Equal(2, Collect(collector));
        Assert.Equal((SourceState.Failed, SourceState.Works), (collector.StateOf(0), collector.StateOf(1)));
        Assert.Equal("no", collector.ErrorOf(0)!.Message);
        Assert.Equal((1, 0), (_first.Disposed, _second.Disposed));
        _first.Error = null;
        Assert.Equal(2, Collect(collector));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Collect(collector));
        Assert.Equal((SourceState.Works, SourceState.Unused), (collector.StateOf(0), collector.StateOf(1)));
        Assert.Equal(1, _second.Disposed);
    }

    [Fact]
    public void Collect_FirstKeepsFailing_IsTriedEverMoreSeldom()
    {
        using SourcedCollector collector = Make(_first.Source, _second.Source);
        _first.Error = new IOException("gone");
        var tried = new List<int>();
        for (int minute = 0; minute < 16 * 60; minute++)
        {
            int before = _first.Made;
            Collect(collector);
            if (_first.Made > before) tried.Add(minute);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([0, 1, 3, 7, 15, 31, 63], tried.Take(7));
        Assert.All(tried.Skip(7).Zip(tried.Skip(8)), static pair => Assert.Equal(60, pair.Second - pair.First));
    }

    [Fact]
    public void Collect_AllFail_ThrowsTheLastAndTriesTheLastOneEachTick()
    {
        using SourcedCollector collector = Make(_first.Source, _second.Source);
        _first.Error = new IOException("first");
        _second.Error = new IOException("second");
        for (int tick = 0; tick < 5; tick++) Assert.Equal("second", Assert.Throws<IOException>(() => Collect(collector)).Message);
        Assert.Equal((1, 5), (_first.Made, _second.Made));
        Assert.Null(collector.Current);
        _second.Error = null;
        Assert.Equal(2, Collect(collector));
    }

    [Fact]
    public void Collect_TheOnlyOneFails_KeepsItsReader()
    {
        using SourcedCollector collector = Make(_first.Source);
        Collect(collector);
        _first.Error = new IOException("gone");
        Assert.Throws<IOException>(() => Collect(collector));
        _first.Error = null;
        Assert.Equal(1, Collect(collector));
        Assert.Equal((1, 0), (_first.Made, _first.Disposed));
    }

    private sealed class Scripted : ICollector
    {
        private static readonly Template Shape = new(NamingRule.OpenTelemetry, [], [new Metric("test.value", "1", MetricKind.Gauge)]);

        private readonly double _value;

        public Scripted(double value)
        {
            _value = value;
            Source = new CollectorSource($"source {value}", [Shape], _ =>
            {
                Made++;
                return this;
            });
        }

        public CollectorSource Source { get; }

        public Exception? Error { get; set; }

        public int Made { get; private set; }

        public int Disposed { get; private set; }

        public string Name => "scripted";

        public void Collect(Columns columns)
        {
            if (Error is not null) throw Error;
            if (columns.Count == 0) columns.Shape([new SchemaPart(Shape, [[]])]);
            columns.Set(0, _value);
        }

        public void Dispose() => Disposed++;
    }
}
