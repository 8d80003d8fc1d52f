using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Linux;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>Collectors of files of a number each: when they look for them, and what stays of what was found before.</summary>
public sealed class NumberFileCollectorTests : IDisposable
{
    private static readonly Template Template = new(NamingRule.OpenTelemetry, ["id"], [new("test.number", "1", MetricKind.Gauge)]);

    private readonly LinuxTree _tree = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Columns _columns = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(DirectoryNotFoundException))]
    [InlineData(null)]
    public void Collect_NothingIsFoundAnyMore_ForgetsWhatWasFound(Type? error)
    {
        using Numbers collector = Make("1\n");
        LinuxTree.Tick(collector, _columns);
        Assert.Equal(10, LinuxTree.Values(_columns)["test.number{a}"]);

        _time.Advance(TimeSpan.FromMinutes(1));
        NumberSeries[] before = collector.Found;
        collector.Found = [];
        collector.Error = error is null ? null : (Exception)Activator.CreateInstance(error)!;
        for (int tick = 0; tick < 2; tick++) Assert.IsType(error ?? typeof(FileNotFoundException), Record.Exception(() => LinuxTree.Tick(collector, _columns)));
        Assert.Equal(3, collector.Searches);

        // Nothing of before is read: what comes back is looked for at once.
        (collector.Found, collector.Error) = (before, null);
        LinuxTree.Tick(collector, _columns);
        Assert.Equal((4, 10), (collector.Searches, LinuxTree.Values(_columns)["test.number{a}"]));
    }

    [Fact]
    public void Collect_FileThatDoesNotAnswer_IsNoReasonToLookAgain()
    {
        using Numbers collector = Make("no number\n");
        for (int tick = 0; tick < 3; tick++) LinuxTree.Tick(collector, _columns);
        Assert.Equal((1, FailureReason.Error), (collector.Searches, LinuxTree.Failures(_columns)["test.number{a}"]));
    }

    [Fact]
    public void Collect_ProcessorThatAlwaysFails_DoesNotLookForProcessorsEachTick()
    {
        LinuxFixtures.WriteTo(_tree);
        _tree.Write("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "<unknown>\n");
        using ICollector collector = _tree.Make("cpu_frequency", time: _time);
        LinuxTree.Tick(collector, _columns);
        _tree.Write("sys/devices/system/cpu/cpu2/cpufreq/scaling_cur_freq", "900000\n");
        LinuxTree.Tick(collector, _columns);
        Assert.Equal(["system.cpu.frequency{0}"], LinuxTree.Values(_columns).Keys);
        _time.Advance(TimeSpan.FromMinutes(1));
        LinuxTree.Tick(collector, _columns);
        Assert.Equal(900_000_000, LinuxTree.Values(_columns)["system.cpu.frequency{2}"]);
    }

    private Numbers Make(string text)
    {
        _tree.Write("sys/a", text);
        return new Numbers(_time) { Found = [new NumberSeries(Template, ["a"], _tree.PathOf("sys/a"), Scale: 10)] };
    }

    private sealed class Numbers(TimeProvider time) : NumberFileCollector("numbers", time)
    {
        public NumberSeries[] Found { get; set; } = [];

        public Exception? Error { get; set; }

        public int Searches { get; private set; }

        protected override NumberSeries[] Find()
        {
            Searches++;
            return Error is null ? Found : throw Error;
        }
    }
}
