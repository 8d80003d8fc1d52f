using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Configuration;
using Weir.Agent.Tests.Collectors;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Windows.Pdh;

/// <summary>The presets that ship, against counters of the types that IIS and SQL Server give them.</summary>
[Collection(PdhCollection.Name)]
public sealed class PdhPresetCollectorTests : IDisposable
{
    private const uint LargeRawFraction = 0x20020500; // PERF_LARGE_RAW_FRACTION

    private readonly FakePdh _fake = new();

    public void Dispose() => _fake.Dispose();

    [Theory]
    [InlineData("iis.yaml", 3)]
    [InlineData("sql-server.yaml", 6)]
    public void Preset_EveryCounter_HasAValue(string preset, int objects)
    {
        AgentConfig config = AgentConfigReader.TryReadFile(RepositoryRoot.Combine("deploy", "windows", "presets", preset), out _)!;
        Assert.Equal(objects, config.PdhObjects.Count);
        foreach (PdhObjectConfig each in config.PdhObjects)
        {
            string instance = each.Instances is null ? "" : "one";
            _fake.Object(each.PerformanceObject);
            foreach (PdhCounterConfig counter in each.Counters)
                _fake.Counter(each.PerformanceObject, counter.Counter, TypeOf(counter.Counter)).Value(each.PerformanceObject, counter.Counter, instance, 30, 40);
        }

        foreach (PdhObjectConfig each in config.PdhObjects)
        {
            var session = new PdhSession(new FakeTimeProvider(), static () => true);
            using var collector = new PdhCollector(each.Name, PdhConfigured.ObjectOf(each), each.Instances ?? NamePatterns.None, session);
            Dictionary<string, string> values = collector.Tick(new Columns());
            Assert.Equal(each.Counters.Count, values.Count);
            Assert.DoesNotContain("-", values.Values);
        }
    }

    // SQL Server says them itself (sys.dm_os_performance_counters); of IIS all is a number as it stands, octets in 64 bits.
    private static uint TypeOf(string counter) =>
        counter.EndsWith("/sec", StringComparison.Ordinal) ? FakePdh.Count64
        : counter.EndsWith("ratio", StringComparison.Ordinal) ? LargeRawFraction
        : counter.Contains("Bytes", StringComparison.Ordinal) || counter.EndsWith("(KB)", StringComparison.Ordinal) ? FakePdh.LargeRawCount
        : FakePdh.RawCount;
}
