using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Weir.Frames;

/// <summary>Reads what <see cref="ByteWriter"/> writes, from bytes that nobody vouches for.</summary>
/// <remarks>Never throws: after the first read past the end, or malformed varint or text, <see cref="Failed"/> is set and every read gives zero or an empty value.</remarks>
public ref struct ByteReader(ReadOnlySpan<byte> data)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = data;
    private readonly int _length = data.Length;

    /// <summary>Whether something could not be read.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes consumed so far.</summary>
    public readonly int Position => _length - _rest.Length;

    /// <summary>Bytes not consumed.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>The bytes not consumed.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>One byte.</summary>
    public byte U8()
    {
        ReadOnlySpan<byte> bytes = Bytes(1);
        return bytes.IsEmpty ? (byte)0 : bytes[0];
    }

    /// <summary>Four bytes, little-endian.</summary>
    public uint U32()
    {
        ReadOnlySpan<byte> bytes = Bytes(4);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong U64()
    {
        ReadOnlySpan<byte> bytes = Bytes(8);
        return bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>LEB128, at most ten bytes.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty) break;
            byte b = _rest[0];
            _rest = _rest[1..];
            if (shift == 63 && b > 1) break;
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }

        Fail();
        return 0;
    }

    /// <summary>What <see cref="ByteWriter.SignedVarint"/> writes.</summary>
    public long SignedVarint()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A varint that must not exceed <paramref name="max"/>: counts and lengths are checked before anything is allocated.</summary>
    public int Count(int max)
    {
        ulong value = Varint();
        if (value <= (ulong)max) return (int)value;
        Fail();
        return 0;
    }

    /// <summary>The next bytes as they are; empty (and failed) where fewer remain.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (Failed || count < 0 || _rest.Length < count)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <summary>A varint length of at most <paramref name="maxBytes"/> and valid UTF-8.</summary>
    public string String(int maxBytes)
    {
        ReadOnlySpan<byte> bytes = Bytes(Count(maxBytes));
        if (bytes.IsEmpty) return "";
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            Fail();
            return "";
        }
    }

    /// <summary>Reads past what <see cref="String"/> would give, and fails where it would.</summary>
    public void SkipString(int maxBytes)
    {
        if (!Utf8.IsValid(Bytes(Count(maxBytes)))) Fail();
    }

    private void Fail()
    {
        Failed = true;
        _rest = default;
    }
}
