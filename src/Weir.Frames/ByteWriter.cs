using System.Buffers.Binary;
using System.Text;

namespace Weir.Frames;

/// <summary>Writes little-endian integers, varints and strings into a buffer that grows as needed.</summary>
/// <remarks>Reusable: <see cref="Clear"/> keeps the memory. Not thread-safe.</remarks>
public sealed class ByteWriter(int capacity = 256)
{
    private byte[] _buffer = new byte[capacity];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    /// <summary>What was written from an offset on, to be filled in afterwards (lengths, checksums); valid until the next write.</summary>
    public Span<byte> WrittenFrom(int start) => _buffer.AsSpan(start, Length - start);

    /// <summary>Forgets the content, keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Room for <paramref name="count"/> bytes at the end; <see cref="Advance"/> makes them part of the content.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - Length < count) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        return _buffer.AsSpan(Length);
    }

    /// <summary>Takes <paramref name="count"/> reserved bytes into the content.</summary>
    public void Advance(int count) => Length += count;

    /// <summary>Forgets everything from an offset on.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>One byte.</summary>
    public void U8(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    /// <summary>Four bytes, little-endian.</summary>
    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        Length += 4;
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        Length += 8;
    }

    /// <summary>LEB128: seven bits a byte, lowest first, at most ten bytes.</summary>
    public void Varint(ulong value)
    {
        Span<byte> target = Reserve(10);
        int at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        Length += at;
    }

    /// <summary>A varint in which small numbers of either sign are small (zigzag).</summary>
    public void SignedVarint(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>The bytes as they are.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>The UTF-8 bytes as they are.</summary>
    public void Utf8(ReadOnlySpan<char> text) => Length += Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetByteCount(text)));

    /// <summary>A varint length and the UTF-8 bytes.</summary>
    public void String(string text)
    {
        Varint((ulong)Encoding.UTF8.GetByteCount(text));
        Utf8(text);
    }
}
