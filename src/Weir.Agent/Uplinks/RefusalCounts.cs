namespace Weir.Agent.Uplinks;

/// <summary>How often gateways refused an entry. Outlives connections; bounded. Not thread-safe: one session at a time.</summary>
internal sealed class RefusalCounts
{
    /// <summary>Most entries that are counted at a time: what is refused beyond them waits until some of them are settled.</summary>
    public const int MaxEntries = 4096;

    private readonly Dictionary<(ulong Epoch, ulong Seq), int> _counts = [];

    /// <summary>Counts a refusal.</summary>
    /// <returns>How many there have been; 0 where there is no room to count it.</returns>
    public int Add(ulong epoch, ulong seq)
    {
        if (_counts.Count >= MaxEntries && !_counts.ContainsKey((epoch, seq))) return 0;
        return _counts[(epoch, seq)] = _counts.GetValueOrDefault((epoch, seq)) + 1;
    }

    /// <summary>An entry is settled.</summary>
    public void Forget(ulong epoch, ulong seq)
    {
        if (_counts.Count > 0) _counts.Remove((epoch, seq));
    }
}
