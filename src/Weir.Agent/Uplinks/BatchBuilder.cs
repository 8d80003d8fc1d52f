using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>Gathers entries of one epoch and class, in seq order, into the body of a batch. Keeps the memory of its largest batch; not thread-safe.</summary>
internal sealed class BatchBuilder(AgentStore store)
{
    private readonly ByteWriter _run = new(64 * 1024);
    private readonly List<SpooledEntry> _entries = [];

    /// <summary>Most bytes of a batch of more than one entry.</summary>
    public int Limit { get; set; }

    /// <summary>Class of the gathered entries.</summary>
    public EntryClass Class { get; private set; }

    /// <summary>The gathered entries: valid until the next change.</summary>
    public IReadOnlyList<SpooledEntry> Entries => _entries;

    /// <summary>The body: valid until the next change.</summary>
    public ReadOnlyMemory<byte> Run => _run.WrittenMemory;

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        _run.Clear();
        _entries.Clear();
    }

    /// <summary>Whether an entry belongs into this batch.</summary>
    public bool Accepts(in OutgoingEntry next)
    {
        if (_entries.Count == 0) return true;
        SpooledEntry last = _entries[^1];
        return next.Class == Class && next.Entry.Epoch == last.Epoch && next.Entry.Seq > last.Seq && _run.Length + next.Bytes <= Limit;
    }

    /// <summary>Reads an entry out of the spool into the batch; one that is gone, damaged or not given now is left out.</summary>
    public SpoolRead Add(in OutgoingEntry next)
    {
        int start = _run.Length, length = next.Entry.Length;
        _run.U32((uint)length);
        Span<byte> bytes = _run.Reserve(length)[..length];
        _run.Advance(length);
        SpoolRead read = store.TryRead(next.Entry, bytes);
        if (read == SpoolRead.Whole)
        {
            Class = next.Class;
            _entries.Add(next.Entry);
        }
        else
        {
            _run.Truncate(start);
        }

        return read;
    }
}
