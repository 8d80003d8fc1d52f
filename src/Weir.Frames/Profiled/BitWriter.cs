using System.Buffers.Binary;

namespace Weir.Frames.Profiled;

/// <summary>Gathers bits, lowest first, into bytes. Reused; not thread-safe.</summary>
internal sealed class BitWriter
{
    private byte[] _bytes = new byte[4096];
    private Cursor _end;

    /// <summary>Forgets the content, keeps the memory.</summary>
    public void Clear() => _end = default;

    /// <summary>Appends the lowest bits of a value; what lies above them must be zero.</summary>
    /// <param name="value">The bits.</param>
    /// <param name="count">How many, 0 to 64.</param>
    public void Write(ulong value, int count)
    {
        Cursor cursor = Begin(1);
        cursor.Write(_bytes, value, count);
        End(cursor);
    }

    /// <summary>Makes room for a number of writes through a cursor, which stays in registers.</summary>
    public Cursor Begin(int writes)
    {
        int most = _end.Length + ((writes + 2) * sizeof(ulong));
        if (_bytes.Length < most) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, most));
        return _end;
    }

    /// <summary>The memory that a cursor writes to.</summary>
    public Span<byte> Memory => _bytes;

    /// <summary>Takes in what was written through a cursor.</summary>
    public void End(in Cursor cursor) => _end = cursor;

    /// <summary>The bytes, the last filled up with zeros; ends the content until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_end.Length), _end.Bits);
        return _bytes.AsSpan(0, _end.Length + ((_end.Filled + 7) >> 3));
    }

    /// <summary>Where writing goes on.</summary>
    public struct Cursor
    {
        /// <summary>Whole words written, in bytes.</summary>
        public int Length { get; private set; }

        /// <summary>Bits of the word that fills.</summary>
        public ulong Bits { get; private set; }

        /// <summary>How many.</summary>
        public int Filled { get; private set; }

        /// <summary>Appends the lowest bits of a value; what lies above them must be zero.</summary>
        public void Write(Span<byte> memory, ulong value, int count)
        {
            Bits |= value << Filled;
            Filled += count;
            if (Filled < 64) return;
            BinaryPrimitives.WriteUInt64LittleEndian(memory[Length..], Bits);
            Length += sizeof(ulong);
            Filled -= 64;
            Bits = Filled == 0 ? 0 : value >> (count - Filled);
        }
    }
}
