using System.Buffers.Binary;

namespace Weir.Frames.Profiled;

/// <summary>Codes a sequence of symbols of given probabilities (range asymmetric numeral systems): a 64-bit state and 32-bit words. Reused; not thread-safe.</summary>
/// <remarks>Symbols are kept until the end, since the coder runs backwards so that the decoder runs forwards. <c>docs/formats/profiled.md</c> gives the arithmetic.</remarks>
internal sealed class RansWriter
{
    /// <summary>The state before the first symbol; between symbols it is never below.</summary>
    public const ulong Start = 1UL << 31;

    private const int Bits = ProfileTables.ProbabilityBits;

    private uint[] _symbols = new uint[1024];
    private uint[] _words = new uint[256];
    private int _firstWord;
    private int _count;
    private ulong _state;

    /// <summary>Bytes that the state takes after <see cref="Finish"/>: 4 to 8.</summary>
    public int StateBytes => 8 - (System.Numerics.BitOperations.LeadingZeroCount(_state) >> 3);

    /// <summary>Words after <see cref="Finish"/>.</summary>
    public int WordCount => _words.Length - _firstWord;

    /// <summary>Forgets the symbols.</summary>
    public void Clear() => _count = 0;

    /// <summary>Makes room for a number of symbols to come.</summary>
    public void Expect(int symbols)
    {
        if (_symbols.Length - _count < symbols) Array.Resize(ref _symbols, Math.Max(_symbols.Length * 2, _count + symbols));
    }

    /// <summary>Adds a symbol; room for it has been made.</summary>
    /// <param name="packed">Start | frequency &lt;&lt; 16, of 4,096.</param>
    public void Add(uint packed) => _symbols[_count++] = packed;

    /// <summary>Adds a decision.</summary>
    /// <param name="taken">Its outcome.</param>
    /// <param name="probability">Probability that it is taken, of 4,096.</param>
    public void Decide(bool taken, int probability) =>
        Add(taken ? (uint)probability << 16 : (uint)probability | ((uint)(ProfileTables.One - probability) << 16));

    /// <summary>Codes the symbols.</summary>
    public void Finish()
    {
        // A symbol takes at most 12 bits.
        int most = ((_count * Bits) >> 5) + 2;
        if (_words.Length < most) _words = new uint[most * 2];
        int word = _words.Length;
        ulong state = Start;
        for (int i = _count - 1; i >= 0; i--)
        {
            uint symbol = _symbols[i];
            ulong frequency = symbol >> 16;
            if (state >= frequency << (63 - Bits))
            {
                _words[--word] = (uint)state;
                state >>= 32;
            }

            (ulong quotient, ulong remainder) = Math.DivRem(state, frequency);
            state = (quotient << Bits) + remainder + (symbol & 0xffff);
        }

        _firstWord = word;
        _state = state;
    }

    /// <summary>Writes the state.</summary>
    public void WriteState(ByteWriter target)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _state);
        target.Bytes(bytes[..StateBytes]);
    }

    /// <summary>Writes the words.</summary>
    public void WriteWords(ByteWriter target)
    {
        Span<byte> bytes = target.Reserve(WordCount * sizeof(uint));
        for (int i = 0; i < WordCount; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes[(i * sizeof(uint))..], _words[_firstWord + i]);
        target.Advance(WordCount * sizeof(uint));
    }
}
