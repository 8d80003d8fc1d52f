using System.Buffers.Binary;

namespace Weir.Frames.Profiled;

/// <summary>Gathers bits, lowest first, into bytes. Reused; not thread-safe.</summary>
internal sealed class BitWriter
{
    private byte[] _bytes = new byte[4096];
    private int _length;
    private ulong _bits;
    private int _filled;

    /// <summary>Forgets the content, keeps the memory.</summary>
    public void Clear() => (_length, _bits, _filled) = (0, 0, 0);

    /// <summary>Appends the lowest bits of a value; what lies above them must be zero.</summary>
    /// <param name="value">The bits.</param>
    /// <param name="count">How many, 0 to 64.</param>
    public void Write(ulong value, int count)
    {
        _bits |= value << _filled;
        _filled += count;
        if (_filled < 64) return;
        if (_bytes.Length - _length < 16) Array.Resize(ref _bytes, _bytes.Length * 2);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length), _bits);
        _length += sizeof(ulong);
        _filled -= 64;
        _bits = _filled == 0 ? 0 : value >> (count - _filled);
    }

    /// <summary>The bytes, the last filled up with zeros; ends the content until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length), _bits);
        return _bytes.AsSpan(0, _length + ((_filled + 7) >> 3));
    }
}
