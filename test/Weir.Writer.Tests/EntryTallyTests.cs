using System.Diagnostics.Metrics;

namespace Weir.Writer.Tests;

public sealed class EntryTallyTests
{
    [Fact]
    public void Flush_TellsTheInstrumentsEachOutcomeOnce_AndBeginsAnew()
    {
        using var metrics = new WriterMetrics();
        var told = new List<(string Instrument, long Value, object? Outcome)>();
        using var listener = new MeterListener();
        // Writers of other tests count beside this one: nobody else counts as many samples.
        listener.InstrumentPublished = static (instrument, self) =>
        {
            if (instrument.Name is "weir.writer.samples") self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (told) if (value > 1_000_000_000) told.Add((instrument.Name, value, tags[0].Value));
        });
        listener.Start();
        var tally = new EntryTally();
        tally.Add(2_000_000_000, EntryOutcome.Stored);
        tally.Add(1_000_000_000, EntryOutcome.Stored);
        tally.Add(2_000_000_000, EntryOutcome.Duplicate);
        tally.Flush(metrics);
        tally.Flush(metrics);
        lock (told) Assert.Equal([("weir.writer.samples", 3_000_000_000L, "stored"), ("weir.writer.samples", 2_000_000_000L, "duplicate")], told);
    }
}
