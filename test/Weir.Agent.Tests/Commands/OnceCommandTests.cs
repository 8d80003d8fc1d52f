using System.Globalization;
using System.Text.Json;
using Weir.Agent.Collectors;
using Weir.Agent.Commands;
using Weir.Agent.Configuration;
using Weir.Agent.Tests.Collectors;
using Weir.Agent.Tests.Collectors.Scraping;
using Weir.Frames;

namespace Weir.Agent.Tests.Commands;

/// <summary>What <c>once</c> prints of a written host whose processors work between the two ticks, and of this one.</summary>
public sealed class OnceCommandTests : IDisposable
{
    // Nothing else waits for so long.
    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    private readonly LinuxTree _tree = new();

    public OnceCommandTests() => LinuxFixtures.WriteTo(_tree);

    public void Dispose() => _tree.Dispose();

    private Task<IReadOnlyList<Reading>> ReadAsync()
    {
        // Of 100 ticks processor 0 is busy for 25, processor 1 for all.
        var time = new InstantPause(() => _tree.Write("proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 26 2 3 79 5 6 7 8 0 0\ncpu1 109 18 27 36 45 54 63 72 0 0\nctxt 2100\nbtime 1700000000\nprocesses 310\nprocs_running 4\nprocs_blocked 5\n"));
        return new OnceCollector(new AgentConfig(), _tree.Roots, time).ReadAsync(Pause, static _ => { }, TestContext.Current.CancellationToken);
    }

    private static string Print(IReadOnlyList<Reading> readings, OutputFormat format)
    {
        using var output = new StringWriter();
        ReadingPrinter.Print(output, readings, format);
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static JsonElement Find(JsonElement readings, string metric, string? attribute = null) =>
        readings.EnumerateArray().Single(reading => reading.GetProperty("metric").GetString() == metric && (attribute is null || reading.GetProperty("attributes").EnumerateObject().Any(pair => pair.Value.GetString() == attribute)));

    private static double MemoryLimit() => 1024 * double.Parse(File.ReadLines("/proc/meminfo").First(static line => line.StartsWith("MemTotal:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    [Fact]
    public async Task Table_HasPercentOfTheTimeBetweenTheTicksAndOtherValuesWithTheirUnit()
    {
        string table = Print(await ReadAsync(), OutputFormat.Table);
        Assert.Matches(@"(?m)^METRIC +ATTRIBUTES +VALUE  UNIT$", table);
        Assert.Matches(@"(?m)^system\.cpu\.utilization +cpu\.logical_number=0 +25\.0  %$", table);
        Assert.Matches(@"(?m)^system\.cpu\.utilization +cpu\.logical_number=1 +100\.0  %$", table);
        Assert.Matches(@"(?m)^system\.cpu\.time +cpu\.logical_number=0 cpu\.mode=user +0\.26  s$", table);
        Assert.Matches(@"(?m)^system\.memory\.limit +1024000  By$", table);
    }

    [Fact]
    public async Task Json_HasNameAttributesUnitKindAndValueOfEveryReading()
    {
        IReadOnlyList<Reading> readings = await ReadAsync();

        using var document = JsonDocument.Parse(Print(readings, OutputFormat.Json));

        JsonElement json = document.RootElement;
        Assert.Equal(readings.Select(static reading => (reading.Collector, reading.Metric.Name, reading.Value)), json.EnumerateArray().Select(static each => (each.GetProperty("collector").GetString()!, each.GetProperty("metric").GetString()!, each.GetProperty("value").GetDouble())));
        Assert.Equal("""{"metric":"system.memory.limit","unit":"By","kind":"gauge","collector":"memory","attributes":{},"value":1024000}""", Compact(Find(json, "system.memory.limit")));
        Assert.Equal("""{"metric":"system.cpu.utilization","unit":"1","kind":"gauge","collector":"cpu","attributes":{"cpu.logical_number":"0"},"value":0.25}""", Compact(Find(json, "system.cpu.utilization", "0")));
        Assert.Equal(
            """{"metric":"system.network.io","unit":"By","kind":"counter","collector":"network","attributes":{"network.interface.name":"eth0","network.io.direction":"transmit"},"value":2000}""",
            Compact(Find(json, "system.network.io", "transmit")));

        static string Compact(JsonElement reading) => JsonSerializer.Serialize(reading);
    }

    [Fact]
    public async Task Prometheus_IsAnExpositionOfTheSameValues()
    {
        IReadOnlyList<Reading> readings = await ReadAsync();
        using var probe = new ScrapeProbe();

        probe.Take(Print(readings, OutputFormat.Prometheus));

        Assert.Equal(0.25, probe.Values["system_cpu_utilization_ratio{cpu_logical_number=0}"]);
        Assert.Equal(0.26, probe.Values["system_cpu_time_seconds_total{cpu_logical_number=0,cpu_mode=user}"]);
        Assert.Equal(1_024_000, probe.Values["system_memory_limit_bytes"]);
        Assert.Equal(2000, probe.Values["system_network_io_bytes_total{network_interface_name=eth0,network_io_direction=transmit}"]);
        Assert.Equal((MetricKind.Counter, MetricKind.Gauge), (probe.KindOf("system_network_io_bytes_total"), probe.KindOf("system_memory_limit_bytes")));
        Assert.Equal(readings.Select(static reading => reading.Value).Order(), probe.Values.Values.Order());
    }

    [Fact]
    public void Print_ValuesThatAreNoNumbers_AreReadable()
    {
        var metric = new Metric("odd", "", MetricKind.Gauge);
        Reading[] readings = [.. ((double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity]).Select(value => new Reading("scrape:app", metric, NamingRule.Prometheus, [new("n", $"{value}")], value))];
        using var document = JsonDocument.Parse(Print(readings, OutputFormat.Json));
        Assert.Equal(["NaN", "+Inf", "-Inf"], document.RootElement.EnumerateArray().Select(static each => each.GetProperty("value").GetString()));
        using var probe = new ScrapeProbe();
        probe.Take(Print(readings, OutputFormat.Prometheus));
        Assert.Equal([double.NaN, double.NegativeInfinity, double.PositiveInfinity], probe.Values.Values.Order());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("prometheus")]
    public async Task Once_ThisMachine_PrintsItsMemoryInTheFormAskedFor(string format)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using StringWriter output = new(), error = new();
        Assert.Equal(ExitCodes.Ok, await AgentCommandLine.RunAsync(["once", "--output", format], output, error));
        if (format == "json")
        {
            using var document = JsonDocument.Parse(output.ToString());
            Assert.Equal(MemoryLimit(), Find(document.RootElement, "system.memory.limit").GetProperty("value").GetDouble());
            return;
        }

        using var probe = new ScrapeProbe();
        probe.Take(output.ToString());
        Assert.Equal(MemoryLimit(), probe.Values["system_memory_limit_bytes"]);
    }

    /// <summary>A clock whose pause ends at once; what happens meanwhile the test says.</summary>
    private sealed class InstantPause(Action meanwhile) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime != Pause) return base.CreateTimer(callback, state, dueTime, period);
            meanwhile();
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
