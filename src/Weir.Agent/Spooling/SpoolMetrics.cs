using System.Diagnostics.Metrics;

namespace Weir.Agent.Spooling;

/// <summary>What the agent shows of its spool, as instruments of the meter <c>Weir.Agent</c>. Thread-safe.</summary>
internal sealed class SpoolMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMetrics.MeterName);
    private readonly Counter<long> _appended;
    private readonly Counter<long> _buried;
    private readonly Counter<long> _quarantined;

    /// <summary>Makes the instruments.</summary>
    public SpoolMetrics(AgentStore store)
    {
        _meter.CreateObservableGauge("weir.agent.spool.bytes", () => store.SizeBytes, "By", "Bytes of the spool on disk.");
        _meter.CreateObservableGauge("weir.agent.spool.limit", () => store.LimitBytes, "By", "Disk budget of the spool.");
        _meter.CreateObservableGauge("weir.agent.spool.entries", () => store.UnsettledEntries, "{entry}", "Entries in the spool that no gateway has acked yet.");
        _meter.CreateObservableGauge("weir.agent.spool.reserve", () => store.ReserveBytes, "By", "Bytes kept on the disk so that a full one ends well; 0 while the disk is full and nothing new is spooled.");
        _quarantined = _meter.CreateCounter<long>("weir.agent.spool.quarantined", "{entry}", "Entries copied to the quarantine of the spool before they were given up, by reason: rejected, damaged.");
        _appended = _meter.CreateCounter<long>("weir.agent.spool.appended", "{entry}", "Entries made durable in the spool, by kind: samples, declaration, tombstone, object.");
        _buried = _meter.CreateCounter<long>("weir.agent.spool.buried", "{entry}", "Entries given up behind a tombstone, by reason: spool_budget, rejected, damaged, objects_gone.");
    }

    /// <summary>Counts a durable entry.</summary>
    public void Appended(EntryKind kind) => _appended.Add(1, new KeyValuePair<string, object?>("kind", NameOf(kind)));

    /// <summary>Counts entries given up.</summary>
    public void Buried(ulong entries, DropReason reason) => _buried.Add((long)entries, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    /// <summary>Counts an entry copied to the quarantine.</summary>
    public void Quarantined(DropReason reason) => _quarantined.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>The name of a kind in metrics and reports.</summary>
    public static string NameOf(EntryKind kind) => kind switch
    {
        EntryKind.Samples => "samples",
        EntryKind.Declaration => "declaration",
        EntryKind.Tombstone => "tombstone",
        EntryKind.Object => "object",
        _ => "other",
    };

    /// <summary>The name of a reason in metrics and reports.</summary>
    public static string NameOf(DropReason reason) => reason switch
    {
        DropReason.SpoolBudget => "spool_budget",
        DropReason.Rejected => "rejected",
        DropReason.Damaged => "damaged",
        DropReason.ObjectsGone => "objects_gone",
        _ => "other",
    };
}
