using System.Diagnostics.Metrics;

namespace Weir.Writer;

/// <summary>The instruments of the writer.</summary>
internal sealed class WriterMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Writer");
    private readonly Counter<long> _samples;
    private readonly Counter<long> _entries;
    private readonly Counter<long> _skipped;

    public WriterMetrics()
    {
        _samples = _meter.CreateCounter<long>("weir.writer.samples", "{sample}", "Samples by how they ended: stored, duplicate, quarantined.");
        _entries = _meter.CreateCounter<long>("weir.writer.entries", "{entry}", "Entries of all kinds by how they ended.");
        _skipped = _meter.CreateCounter<long>("weir.writer.records.skipped", "{record}", "Records whose index could not be read: damaged, or of a newer version.");
    }

    public void Entries(long entries, long samples, EntryOutcome outcome)
    {
        var tag = new KeyValuePair<string, object?>("outcome", Name(outcome));
        _entries.Add(entries, tag);
        if (samples > 0) _samples.Add(samples, tag);
    }

    public void RecordSkipped() => _skipped.Add(1);

    public void Dispose() => _meter.Dispose();

    private static string Name(EntryOutcome outcome) => outcome switch
    {
        EntryOutcome.Stored => "stored",
        EntryOutcome.Duplicate => "duplicate",
        _ => "quarantined",
    };
}
