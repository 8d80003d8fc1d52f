using System.Diagnostics.Metrics;

namespace Weir.Agent.Uploads;

/// <summary>What the agent shows of the upload of backlogs, as instruments of the meter <c>Weir.Agent</c>. Thread-safe.</summary>
internal sealed class BacklogMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMetrics.MeterName);
    private readonly Counter<long> _chunks;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _entries;

    /// <summary>Makes the instruments.</summary>
    public BacklogMetrics()
    {
        _chunks = _meter.CreateCounter<long>("weir.agent.backlog.chunks", "{chunk}", "Chunks of the backlog that were answered.");
        _bytes = _meter.CreateCounter<long>("weir.agent.backlog.bytes", "By", "Entry bytes of these.");
        _entries = _meter.CreateCounter<long>("weir.agent.backlog.entries", "{entry}", "Entries in these, by what became of them: acked, or left to the stream.");
    }

    /// <summary>Counts a chunk.</summary>
    public void Sent(int bytes)
    {
        _chunks.Add(1);
        _bytes.Add(bytes);
    }

    /// <summary>Counts entries that the gateway has.</summary>
    public void Acked(int entries) => Count("acked", entries);

    /// <summary>Counts entries that go by the stream.</summary>
    public void Left(int entries) => Count("left", entries);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Count(string outcome, int entries)
    {
        if (entries > 0) _entries.Add(entries, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
