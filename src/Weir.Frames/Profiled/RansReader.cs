using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Weir.Frames.Profiled;

/// <summary>Decodes what <see cref="RansWriter"/> wrote, from bytes that nobody vouches for.</summary>
/// <remarks>Never throws: where words are missing it goes on with zeros, and <see cref="Ended"/> is false.</remarks>
internal ref struct RansReader(ulong state, ReadOnlySpan<byte> words)
{
    private readonly ReadOnlySpan<byte> _words = words;
    private ulong _state = state;
    private int _position;

    /// <summary>Whether everything was consumed and the coder is back where the writer started.</summary>
    public readonly bool Ended => _position == _words.Length && _state == RansWriter.Start;

    /// <summary>Where the next symbol lies among the 4,096.</summary>
    public readonly uint Slot
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)_state & (ProfileTables.One - 1);
    }

    /// <summary>Takes the symbol that <see cref="Slot"/> lies in.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(uint start, uint frequency)
    {
        _state = (frequency * (_state >> ProfileTables.ProbabilityBits)) + Slot - start;
        if (_state >= RansWriter.Start) return;
        _state <<= 32;
        if (_position <= _words.Length - sizeof(uint)) _state |= BinaryPrimitives.ReadUInt32LittleEndian(_words[_position..]);
        _position += sizeof(uint);
    }

    /// <summary>Reads a decision.</summary>
    /// <param name="probability">Probability that it was taken, of 4,096.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Decide(uint probability)
    {
        bool taken = Slot < probability;
        Take(taken ? 0 : probability, taken ? probability : ProfileTables.One - probability);
        return taken;
    }
}
