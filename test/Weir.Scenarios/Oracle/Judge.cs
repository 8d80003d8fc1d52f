using Weir.Frames;
using Weir.Log;

namespace Weir.Scenarios.Oracle;

/// <summary>Balances what was made against what the log holds: stored, or declared lost, and nothing else.</summary>
internal static class Judge
{
    /// <summary>Judges a run whose spools are drained.</summary>
    public static Verdict Of(MadeEntries made, LogEntries log)
    {
        var verdict = new Verdict { Made = made.Entries.Count, DeliveredAgain = log.Copies.Values.Sum(static copies => copies.Count - 1) };
        verdict.Corrupted.AddRange(made.Ambiguous);
        Dictionary<(AgentId, ulong), List<(EntryName Name, Tombstone Tombstone)>> tombstones = TombstonesOf(made, log);
        foreach ((EntryName name, MadeEntry entry) in made.Entries)
        {
            if (!log.Copies.TryGetValue(name, out List<byte[]>? copies)) Miss(verdict, name, tombstones);
            else if (copies.TrueForAll(copy => copy.AsSpan().SequenceEqual(entry.Bytes))) verdict.Stored++;
            else verdict.Corrupted.Add(name);
        }

        verdict.Unexpected.AddRange(log.Copies.Keys.Where(name => !made.Entries.ContainsKey(name)));
        foreach (EntryName name in Gaps(made)) Miss(verdict, name, tombstones);
        foreach ((EntryName name, Tombstone tombstone) in tombstones.Values.SelectMany(static each => each))
            if (!IsTrue(name.Agent, tombstone, made) || !IsCalledFor(name.Agent, tombstone.Reason, made)) verdict.FalseTombstones.Add(name);
        return verdict;
    }

    private static void Miss(Verdict verdict, in EntryName name, Dictionary<(AgentId, ulong), List<(EntryName Name, Tombstone Tombstone)>> tombstones)
    {
        ulong seq = name.Seq;
        Tombstone? declared = tombstones.GetValueOrDefault((name.Agent, name.Epoch))?.Find(each => seq >= each.Tombstone.FirstSeq && seq <= each.Tombstone.LastSeq).Tombstone;
        if (declared is null) verdict.Lost.Add(name);
        else verdict.Dropped[declared.Reason] = verdict.Dropped.GetValueOrDefault(declared.Reason) + 1;
    }

    private static Dictionary<(AgentId, ulong), List<(EntryName Name, Tombstone Tombstone)>> TombstonesOf(MadeEntries made, LogEntries log)
    {
        var found = new Dictionary<(AgentId, ulong), List<(EntryName, Tombstone)>>();
        foreach ((EntryName name, MadeEntry entry) in made.Entries)
        {
            // One that never arrived declares nothing to anybody.
            if (!log.Copies.ContainsKey(name)
                || EntryHeader.TryRead(entry.Bytes, out EntryHeader header) != EntryError.None || header.Kind != EntryKind.Tombstone) continue;
            Tombstone tombstone = Tombstone.TryDecode(entry.Bytes.AsSpan(header.HeaderBytes)) ?? throw new InvalidDataException($"tombstone {name} cannot be read");
            if (!found.TryGetValue((name.Agent, tombstone.Epoch), out List<(EntryName, Tombstone)>? list)) found[(name.Agent, tombstone.Epoch)] = list = [];
            list.Add((name, tombstone));
        }

        return found;
    }

    // An epoch's seqs have no gap: what lies below its newest was made too, and its bytes were gone before they were seen.
    private static IEnumerable<EntryName> Gaps(MadeEntries made)
    {
        foreach (IGrouping<(AgentId Agent, ulong Epoch), EntryName> epoch in made.Entries.Keys.GroupBy(static name => (name.Agent, name.Epoch)))
        {
            HashSet<ulong> seqs = [.. epoch.Select(static name => name.Seq)];
            ulong newest = seqs.Max();
            for (ulong seq = 1; seq < newest; seq++)
                if (!seqs.Contains(seq)) yield return new EntryName(epoch.Key.Agent, epoch.Key.Epoch, seq);
        }
    }

    // Only damage takes what a spool has room for, and only a spool that is too small gives up what it could keep.
    private static bool IsCalledFor(AgentId agent, DropReason reason, MadeEntries made) => reason switch
    {
        DropReason.Damaged => made.Damaged.Contains(agent),
        DropReason.SpoolBudget => made.Narrow.Contains(agent),
        DropReason.ObjectsGone => made.Damaged.Contains(agent) || made.Narrow.Contains(agent),
        _ => false,
    };

    // Unless it says itself that it knows the names alone, as of damage that took the index.
    private static bool IsTrue(AgentId agent, Tombstone tombstone, MadeEntries made)
    {
        if (tombstone.IsNamesOnly) return true;
        long samples = 0;
        for (ulong seq = tombstone.FirstSeq; seq <= tombstone.LastSeq; seq++)
            if (made.Entries.TryGetValue(new EntryName(agent, tombstone.Epoch, seq), out MadeEntry? entry)
                && EntryHeader.TryRead(entry.Bytes, out EntryHeader header) == EntryError.None) samples += header.SampleCount;
        return samples == tombstone.Windows.Sum(static window => window.Samples);
    }
}
