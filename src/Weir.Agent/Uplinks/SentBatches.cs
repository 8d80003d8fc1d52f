using Weir.Agent.Spooling;

namespace Weir.Agent.Uplinks;

/// <summary>What has been sent over this connection and not been answered: bounded by the gateway's credit.</summary>
/// <remarks>Not thread-safe; guarded by the session's lock.</remarks>
internal sealed class SentBatches
{
    private readonly Dictionary<ulong, List<OutgoingEntry?>> _batches = [];
    private readonly HashSet<(ulong Epoch, ulong Seq)> _names = [];

    /// <summary>Bytes not answered.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether everything has been answered.</summary>
    public bool IsEmpty => _names.Count == 0;

    /// <summary>Whether an entry is under way.</summary>
    public bool Contains((ulong Epoch, ulong Seq) name) => _names.Contains(name);

    /// <summary>Takes note of a batch.</summary>
    public void Add(ulong number, IReadOnlyList<OutgoingEntry> entries)
    {
        _batches[number] = [.. entries];
        foreach (OutgoingEntry entry in entries)
        {
            _names.Add(entry.Name);
            Bytes += entry.Bytes;
        }
    }

    /// <summary>Takes out the entries of a batch that an answer names by seq.</summary>
    public List<OutgoingEntry> Take(ulong number, Func<ulong, bool> seqs) => Take(number, (entry, _) => seqs(entry.Entry.Header.Seq));

    /// <summary>Takes out the entries of a batch that an answer names by place; all where it names none.</summary>
    public List<OutgoingEntry> Take(ulong number, IReadOnlyCollection<uint> indexes) => Take(number, (_, index) => indexes.Count == 0 || indexes.Contains((uint)index));

    private List<OutgoingEntry> Take(ulong number, Func<OutgoingEntry, int, bool> isNamed)
    {
        var taken = new List<OutgoingEntry>();
        if (!_batches.TryGetValue(number, out List<OutgoingEntry?>? entries)) return taken;
        bool left = false;
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not { } entry) continue;
            if (!isNamed(entry, i))
            {
                left = true;
                continue;
            }

            entries[i] = null;
            _names.Remove(entry.Name);
            Bytes -= entry.Bytes;
            taken.Add(entry);
        }

        if (!left) _batches.Remove(number);
        return taken;
    }
}
