using System.Buffers.Binary;
using Weir.Frames;

namespace Weir.Gateway;

/// <summary>One durable step of an upload: a chunk is there or failed, or the file is committed.</summary>
/// <remarks>50 bytes: type u8 (1 chunk there, 2 chunk failed, 3 committed), zero u8, chunk u32, time u64 (Unix ms), SHA-256 of the chunk, CRC-32C u32. <c>docs/formats/upload.md</c>.</remarks>
internal readonly record struct UploadRecord(ChunkState State, int Chunk, ContentId Hash, long TimeMs)
{
    /// <summary>Bytes of a record.</summary>
    public const int Size = 50;

    private const byte CommitType = 3;
    private const int CrcAt = Size - sizeof(uint);

    /// <summary>Whether the file is committed; then there is no chunk.</summary>
    public bool IsCommit => State == ChunkState.Pending;

    /// <summary>The record that ends an upload well.</summary>
    public static UploadRecord Commit(long timeMs) => new(ChunkState.Pending, 0, default, timeMs);

    /// <summary>Writes the record.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[Size];
        bytes[0] = IsCommit ? CommitType : (byte)State;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(2), (uint)Chunk);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(6), TimeMs);
        Hash.Write(bytes.AsSpan(14));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(CrcAt), Crc32C.Compute(bytes.AsSpan(0, CrcAt)));
        return bytes;
    }

    /// <summary>Reads a record; false where it is not one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out UploadRecord record)
    {
        record = default;
        if (bytes.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes[CrcAt..]) != Crc32C.Compute(bytes[..CrcAt])) return false;
        if (bytes[0] is 0 or > CommitType || bytes[1] != 0 || BinaryPrimitives.ReadInt32LittleEndian(bytes[2..]) is not (>= 0 and var chunk)) return false;
        ChunkState state = bytes[0] == CommitType ? ChunkState.Pending : (ChunkState)bytes[0];
        record = new UploadRecord(state, chunk, ContentId.Read(bytes[14..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[6..]));
        return true;
    }
}
