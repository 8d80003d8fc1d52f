using System.Text;
using Weir.Agent.Collection;
using Weir.Agent.Local;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class AgentMetricsTests
{
    [Fact]
    public void Observe_Slot_ShowsItsSeriesAndThoseThatFailedUntilItIsForgotten()
    {
        using var instruments = new InstrumentReader();
        using var metrics = new AgentMetrics();
        using var slot = new CollectorSlot(new FakeCollector("agent_metrics", "a", "b") { FailsFirst = FailureReason.Error }, TimeProvider.System);
        metrics.Observe(slot);
        Assert.True(slot.TryQueue(1) && slot.TryBegin());
        slot.Run(static (_, _) => { });

        Assert.Equal(["weir_agent_collector_failed_series{collector=\"agent_metrics\"} 1", "weir_agent_collector_series{collector=\"agent_metrics\"} 2"], Lines(instruments));
        metrics.Forget(slot);
        Assert.Empty(Lines(instruments));
    }

    private static IEnumerable<string> Lines(InstrumentReader instruments)
    {
        var text = new OpenMetricsText(isOpenMetrics: false);
        instruments.WriteTo(text);
        return Encoding.UTF8.GetString(text.Finish().Span).Split('\n').Where(static line => line.Contains("series{collector=\"agent_metrics\"}", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
    }
}
