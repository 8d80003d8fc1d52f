using System.Buffers.Binary;
using Weir.Frames;

namespace Weir.Log;

/// <summary>Reads the index of a record: which entries it holds, and where.</summary>
public ref struct RecordIndex
{
    private const int RowPrefixBytes = 8;
    private const int HeaderLengthOffset = 12;

    private ReadOnlySpan<byte> _rest;

    private RecordIndex(RecordHeader header, ReadOnlySpan<byte> rows)
    {
        Header = header;
        _rest = rows;
    }

    /// <summary>What the gateway said about the entries.</summary>
    public RecordHeader Header { get; }

    /// <summary>Offset of the current entry within the record.</summary>
    public int Offset { get; private set; }

    /// <summary>Bytes of the current entry.</summary>
    public int Length { get; private set; }

    /// <summary>Header of the current entry.</summary>
    public EntryHeader Entry { get; private set; }

    /// <summary>Whether a row could not be read: a newer program wrote it, or a bug.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Opens an index; false where its header cannot be read.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, out RecordIndex index)
    {
        RecordHeader? header = RecordHeader.TryRead(bytes, out int length);
        index = header is null ? default : new RecordIndex(header, bytes[length..]);
        return header is not null;
    }

    /// <summary>Steps to the next entry.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        if (_rest.Length < RowPrefixBytes + HeaderLengthOffset + 1) return Stop();
        int headerBytes = _rest[RowPrefixBytes + HeaderLengthOffset];
        if (_rest.Length < RowPrefixBytes + headerBytes) return Stop();
        if (EntryHeader.TryReadHeader(_rest.Slice(RowPrefixBytes, headerBytes), out EntryHeader entry) != EntryError.None) return Stop();
        Offset = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        Length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest[4..]);
        Entry = entry;
        _rest = _rest[(RowPrefixBytes + headerBytes)..];
        return true;
    }

    private bool Stop()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
