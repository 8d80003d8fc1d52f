using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Frames;

/// <summary>The SHA-256 of an object's canonical bytes: equal content, equal id, on every machine.</summary>
public readonly record struct ContentId(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 32;

    /// <summary>The first eight bytes, little-endian: how a frame names its schema among its agent's objects.</summary>
    public ulong Short => A;

    /// <summary>The id of canonical bytes.</summary>
    public static ContentId Of(ReadOnlySpan<byte> canonical)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(canonical, hash);
        return Read(hash);
    }

    /// <summary>Reads an id from 32 bytes.</summary>
    public static ContentId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    /// <summary>Writes the 32 bytes.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, A);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], D);
    }

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
