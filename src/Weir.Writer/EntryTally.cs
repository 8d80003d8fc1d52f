namespace Weir.Writer;

/// <summary>How the entries of a turn ended, until the instruments are told: once for many entries, since they cost more than an entry does. Not thread-safe.</summary>
internal sealed class EntryTally
{
    private readonly (long Entries, long Samples)[] _counts = new (long, long)[Enum.GetValues<EntryOutcome>().Length];

    /// <summary>Counts an entry.</summary>
    public void Add(long samples, EntryOutcome outcome)
    {
        ref (long Entries, long Samples) count = ref _counts[(int)outcome];
        count.Entries++;
        count.Samples += samples;
    }

    /// <summary>Tells the instruments, and begins anew.</summary>
    public void Flush(WriterMetrics metrics)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            if (_counts[i].Entries > 0) metrics.Entries(_counts[i].Entries, _counts[i].Samples, (EntryOutcome)i);
            _counts[i] = default;
        }
    }
}
