using Weir.Frames;

namespace Weir.Log;

/// <summary>Wraps a run of entries of one agent and epoch into a record and its index.</summary>
/// <remarks>
/// Record: header, then the entry run. Index: the same header, then per entry its offset in the record (u32), its length (u32)
/// and a copy of its header, so that duplicates are found, stores rebuilt and damage named without reading a payload.
/// Reuses its memory; results are valid until the next <see cref="Begin"/>. Not thread-safe.
/// </remarks>
public sealed class RecordBuilder
{
    /// <summary>Most entry bytes of one record; a gateway starts a new one above it.</summary>
    public const int MaxRunBytes = 1 << 20;

    /// <summary>Most entries of one record: keeps its index below the log's limit.</summary>
    public const int MaxEntries = 512;

    private readonly ByteWriter _record = new(64 * 1024);
    private readonly ByteWriter _index = new(4096);

    /// <summary>Entries added since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The record's bytes.</summary>
    public ReadOnlyMemory<byte> Record => _record.WrittenMemory;

    /// <summary>The index's bytes.</summary>
    public ReadOnlyMemory<byte> Index => _index.WrittenMemory;

    /// <summary>Starts a record.</summary>
    public void Begin(RecordHeader header)
    {
        Count = 0;
        _record.Clear();
        _index.Clear();
        header.Write(_record);
        _index.Bytes(_record.Written);
    }

    /// <summary>Whether an entry of this length still fits.</summary>
    public bool Fits(int entryBytes) => Count < MaxEntries && (Count == 0 || _record.Length + EntryRun.PrefixBytes + entryBytes <= MaxRunBytes);

    /// <summary>Adds an entry whose header has been checked.</summary>
    /// <param name="entry">The whole entry.</param>
    /// <param name="headerBytes">Bytes of its header.</param>
    public void Add(ReadOnlySpan<byte> entry, int headerBytes)
    {
        EntryRun.Append(_record, entry);
        _index.U32((uint)(_record.Length - entry.Length));
        _index.U32((uint)entry.Length);
        _index.Bytes(entry[..headerBytes]);
        Count++;
    }
}
