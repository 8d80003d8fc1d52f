using System.Diagnostics.Metrics;

namespace Weir.Writer;

/// <summary>The instruments of the writer.</summary>
internal sealed class WriterMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Writer");
    private readonly Counter<long> _samples;
    private readonly Counter<long> _entries;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _damaged;
    private readonly Counter<long> _asked;
    private readonly Counter<long> _lost;
    private readonly UpDownCounter<long> _missing;

    public WriterMetrics()
    {
        _samples = _meter.CreateCounter<long>("weir.writer.samples", "{sample}", "Samples by how they ended: stored, duplicate, quarantined.");
        _entries = _meter.CreateCounter<long>("weir.writer.entries", "{entry}", "Entries of all kinds by how they ended.");
        _skipped = _meter.CreateCounter<long>("weir.writer.records.skipped", "{record}", "Records whose index could not be read: damaged, or of a newer version.");
        _damaged = _meter.CreateCounter<long>("weir.writer.entries.damaged", "{entry}", "Entries in the log that cannot be read or fail their checksum.");
        _asked = _meter.CreateCounter<long>("weir.writer.entries.asked", "{entry}", "Entries that connected agents were asked to send again.");
        _lost = _meter.CreateCounter<long>("weir.writer.entries.lost", "{entry}", "Missing entries that their agents no longer hold.");
        _missing = _meter.CreateUpDownCounter<long>("weir.writer.entries.missing", "{entry}", "Entries that are known to have been made and have not come, lost ones left out.");
    }

    public void Entries(long entries, long samples, EntryOutcome outcome)
    {
        var tag = new KeyValuePair<string, object?>("outcome", Name(outcome));
        _entries.Add(entries, tag);
        if (samples > 0) _samples.Add(samples, tag);
    }

    public void RecordSkipped() => _skipped.Add(1);

    public void Damaged(long entries) => _damaged.Add(entries);

    public void Asked(long entries) => _asked.Add(entries);

    public void Lost(long entries) => _lost.Add(entries);

    public void Missing(long change)
    {
        if (change != 0) _missing.Add(change);
    }

    public void Dispose() => _meter.Dispose();

    private static string Name(EntryOutcome outcome) => outcome switch
    {
        EntryOutcome.Stored => "stored",
        EntryOutcome.Duplicate => "duplicate",
        _ => "quarantined",
    };
}
