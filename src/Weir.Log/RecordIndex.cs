using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Weir.Frames;

namespace Weir.Log;

/// <summary>Reads the index of a record: which entries it holds, and where.</summary>
public ref struct RecordIndex
{
    private const int RowPrefixBytes = 8;
    private const int HeaderLengthOffset = 12;

    private readonly RecordHeader _header;
    private ReadOnlySpan<byte> _rest;
    private EntryHeader _entry;

    private RecordIndex(scoped in RecordHeader header, ReadOnlySpan<byte> rows)
    {
        _header = header;
        _rest = rows;
    }

    /// <summary>What the gateway said about the entries.</summary>
    [UnscopedRef]
    public readonly ref readonly RecordHeader Header => ref _header;

    /// <summary>Offset of the current entry within the record.</summary>
    public int Offset { get; private set; }

    /// <summary>Bytes of the current entry.</summary>
    public int Length { get; private set; }

    /// <summary>Header of the current entry.</summary>
    [UnscopedRef]
    public readonly ref readonly EntryHeader Entry => ref _entry;

    /// <summary>Whether a row could not be read: a newer program wrote it, or a bug.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Opens an index; false where its header cannot be read.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, out RecordIndex index)
    {
        bool isHeader = RecordHeader.TryRead(bytes, out RecordHeader header, out int length);
        index = isHeader ? new RecordIndex(header, bytes[length..]) : default;
        return isHeader;
    }

    /// <summary>Steps to the next entry.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;
        if (_rest.Length < RowPrefixBytes + HeaderLengthOffset + 1) return Stop();
        int headerBytes = _rest[RowPrefixBytes + HeaderLengthOffset];
        if (_rest.Length < RowPrefixBytes + headerBytes) return Stop();
        if (EntryHeader.TryReadHeader(_rest.Slice(RowPrefixBytes, headerBytes), out _entry) != EntryError.None) return Stop();
        Offset = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        Length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest[4..]);
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
