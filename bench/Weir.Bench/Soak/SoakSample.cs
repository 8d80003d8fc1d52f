using Weir.Bench.Footprint;

namespace Weir.Bench.Soak;

/// <summary>What the agent takes, and what it says of itself, at a moment of a soak.</summary>
/// <param name="At">Since the start.</param>
/// <param name="Share">From /proc.</param>
/// <param name="HeapBytes">Its managed heap after the last collection; 0 before the first.</param>
/// <param name="Collections">Garbage collections so far, of all generations.</param>
/// <param name="Ticks">Ticks of all groups so far.</param>
/// <param name="MissedTicks">Of those, ones that could not run.</param>
/// <param name="LostTicks">Ticks of single collectors that closed without their values.</param>
/// <param name="Troubles">Samples dropped, entries buried or quarantined, and refusals of the gateway.</param>
/// <param name="Unacked">Entries that no gateway has acked yet.</param>
internal sealed record SoakSample(TimeSpan At, ProcessShare Share, double HeapBytes, double Collections, double Ticks, double MissedTicks, double LostTicks, double Troubles, double Unacked)
{
    /// <summary>Takes one.</summary>
    public static async Task<SoakSample> TakeAsync(WeirSide agent, TimeSpan at, CancellationToken cancellationToken)
    {
        MetricsPage page = await agent.MetricsAsync(cancellationToken);
        SortedDictionary<string, double> ticks = page.ByLabel("weir_agent_ticks_total", "outcome"), answers = page.ByLabel("weir_agent_uplink_entries_total", "answer");
        return new SoakSample(
            at,
            ProcessShare.Of(agent.Processes[0]),
            page.Sum("dotnet_gc_last_collection_heap_size_bytes"),
            page.Sum("dotnet_gc_collections_total"),
            ticks.Values.Sum(),
            ticks.GetValueOrDefault("missed"),
            page.Sum("weir_agent_collector_lost_ticks_total"),
            page.Sum("weir_agent_samples_dropped_total") + page.Sum("weir_agent_spool_buried_total") + page.Sum("weir_agent_spool_quarantined_total") + answers.GetValueOrDefault("reject"),
            page.Sum("weir_agent_spool_entries"));
    }
}
