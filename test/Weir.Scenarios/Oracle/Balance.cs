using Weir.Frames;
using Weir.Scenarios.Kills;
using Weir.Scenarios.Replay;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>Closes the books of a run whose agents are drained and whose server has ended: entries, samples, and the same once more from parts alone.</summary>
internal static class Balance
{
    /// <summary>Compares everything that was made with everything that is stored.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">The store answers with other samples than were made; entries are left to the verdict.</exception>
    public static async Task<Verdict> OfAsync(
        string data, SegmentArchive serverLog, IReadOnlyList<AgentSpool> spools, IReadOnlyList<LoadAgent> senders, CancellationToken cancellationToken)
    {
        var made = new MadeEntries();
        foreach (AgentSpool spool in spools) made.AddSpool(spool);
        foreach (LoadAgent sender in senders)
            foreach ((ulong seq, byte[] entry) in sender.Made) made.Add(new EntryName(sender.Id, sender.Epoch, seq), new MadeEntry(1, entry));
        var log = LogEntries.Read(serverLog);
        Verdict verdict = Judge.Of(made, log);
        verdict.Acked = senders.Sum(static sender => sender.Acknowledged);
        if (verdict.Failure is null) await CompareSamplesAsync(new OfflineStore(data), made, log, verdict, cancellationToken);
        return verdict;
    }

    private static async Task CompareSamplesAsync(OfflineStore store, MadeEntries made, LogEntries log, Verdict verdict, CancellationToken cancellationToken)
    {
        using var expected = new SampleSet();
        expected.AddObjects(made.Entries);
        foreach ((EntryName name, MadeEntry entry) in made.Entries)
            if (log.Copies.ContainsKey(name) && EntryHeader.TryRead(entry.Bytes, out EntryHeader header) == EntryError.None && header.Kind == EntryKind.Samples) expected.AddFrame(name, entry);
        Dictionary<(string Series, long TimeMs), ulong> values = expected.Values;
        ReplayExpectation.AssertSame(values, await store.QueryAsync(cancellationToken));
        // Once more from parts alone, all of which must be whole and hold each sample once, those that gave way to another among them.
        verdict.Doubled = await store.SealAsync(cancellationToken) - values.Count - expected.Superseded;
        ReplayExpectation.AssertSame(values, await store.QueryAsync(cancellationToken));
        verdict.Samples = values.Count;
        verdict.Superseded = expected.Superseded;
    }
}
