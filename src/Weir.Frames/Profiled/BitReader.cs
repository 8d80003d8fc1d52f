using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Weir.Frames.Profiled;

/// <summary>Reads what <see cref="BitWriter"/> wrote, from bytes that nobody vouches for.</summary>
/// <remarks>Behind the end every bit is zero, and <see cref="Ended"/> is false.</remarks>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private long _position;

    /// <summary>Whether all bytes were read, nothing beyond them, and what filled up the last one is zero.</summary>
    public readonly bool Ended
    {
        get
        {
            long left = (8L * _bytes.Length) - _position;
            return left is >= 0 and < 8 && (left == 0 || _bytes[^1] >> (8 - (int)left) == 0);
        }
    }

    /// <summary>The next bits.</summary>
    /// <param name="count">How many, 0 to 64.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(int count)
    {
        long at = _position >> 3;
        int shift = (int)_position & 7;
        if (count > 56 || at > _bytes.Length - sizeof(ulong)) return ReadSlowly(count);
        _position += count;
        return (BinaryPrimitives.ReadUInt64LittleEndian(_bytes[(int)at..]) >> shift) & ((1UL << count) - 1);
    }

    private ulong ReadSlowly(int count)
    {
        ulong value = 0;
        for (int i = 0; i < count; i++, _position++)
        {
            long at = _position >> 3;
            if (at < _bytes.Length) value |= (ulong)((_bytes[(int)at] >> (int)(_position & 7)) & 1) << i;
        }

        return value;
    }
}
