using System.Buffers.Binary;
using System.Numerics;

namespace Weir.Frames.Profiled;

/// <summary>Codes a sequence of symbols of given probabilities (range asymmetric numeral systems): a 64-bit state and 32-bit words. Reused; not thread-safe.</summary>
/// <remarks>Symbols are kept until the end, since the coder runs backwards so that the decoder runs forwards. <c>docs/formats/profiled.md</c> gives the arithmetic.</remarks>
internal sealed class RansWriter
{
    /// <summary>The state before the first symbol; between symbols it is never below.</summary>
    public const ulong Start = 1UL << 31;

    private const int Bits = ProfileTables.ProbabilityBits;

    // Dividing by a frequency is multiplying by its reciprocal: exact for states below 2^63 (RansTests).
    private static readonly ulong[] Reciprocals = MakeReciprocals();

    private uint[] _symbols = new uint[1024];
    private uint[] _words = new uint[256];
    private int _firstWord;
    private int _count;
    private ulong _state;

    /// <summary>Bytes that the state takes after <see cref="Finish"/>: 4 to 8.</summary>
    public int StateBytes => 8 - (BitOperations.LeadingZeroCount(_state) >> 3);

    /// <summary>Words after <see cref="Finish"/>.</summary>
    public int WordCount => _words.Length - _firstWord;

    /// <summary>Forgets the symbols.</summary>
    public void Clear() => _count = 0;

    /// <summary>Room for a number of symbols, each start | frequency &lt;&lt; 16, of 4,096; <see cref="Advance"/> takes them in.</summary>
    public Span<uint> Reserve(int symbols)
    {
        if (_symbols.Length - _count < symbols) Array.Resize(ref _symbols, Math.Max(_symbols.Length * 2, _count + symbols));
        return _symbols.AsSpan(_count, symbols);
    }

    /// <summary>Takes reserved symbols in.</summary>
    public void Advance(int symbols) => _count += symbols;

    /// <summary>Adds a symbol.</summary>
    public void Add(uint packed)
    {
        Reserve(1)[0] = packed;
        _count++;
    }

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
        Span<uint> words = _words;
        ReadOnlySpan<ulong> reciprocals = Reciprocals;
        int word = words.Length;
        ulong state = Start;
        ReadOnlySpan<uint> symbols = _symbols.AsSpan(0, _count);
        for (int i = symbols.Length - 1; i >= 0; i--)
        {
            uint symbol = symbols[i], frequency = symbol >> 16;
            if (state >= (ulong)frequency << (63 - Bits))
            {
                words[--word] = (uint)state;
                state >>= 32;
            }

            // The quotient times 4,096, the remainder and the start, put together.
            state += (symbol & 0xffff) + (Divide(state, frequency, reciprocals) * (ProfileTables.One - frequency));
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

    /// <summary>A state below 2^63 divided by a frequency.</summary>
    internal static ulong Divide(ulong state, uint frequency) => Divide(state, frequency, Reciprocals);

    private static ulong Divide(ulong state, uint frequency, ReadOnlySpan<ulong> reciprocals) =>
        Math.BigMul(state << 1, reciprocals[(int)frequency], out _) >> LogOf(frequency);

    // The logarithm, rounded up.
    private static int LogOf(uint frequency) => 32 - BitOperations.LeadingZeroCount(frequency - 1);

    // 2^(63 + log f) / f, rounded up: 64 bits for every f.
    private static ulong[] MakeReciprocals()
    {
        var reciprocals = new ulong[ProfileTables.One + 1];
        for (int f = 1; f < reciprocals.Length; f++)
            reciprocals[f] = (ulong)((((UInt128)1 << (63 + LogOf((uint)f))) + (UInt128)f - 1) / (UInt128)f);
        return reciprocals;
    }
}
