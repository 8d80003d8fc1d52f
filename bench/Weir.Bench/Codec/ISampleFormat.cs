namespace Weir.Bench.Codec;

/// <summary>A way to carry samples from one process to another.</summary>
/// <remarks>Used by one thread; keeps its memory from message to message, as a sender and a receiver that live long do.</remarks>
internal interface ISampleFormat : IDisposable
{
    /// <summary>Name in reports.</summary>
    string Name { get; }

    /// <summary>Makes a message of some ticks of the recording.</summary>
    /// <returns>The message, valid until the next call.</returns>
    ReadOnlyMemory<byte> Encode(TickSpan span);

    /// <summary>Turns a message back into series, times and values.</summary>
    /// <exception cref="InvalidDataException">The message is not of this format, or names a series that the recording lacks.</exception>
    void Decode(ReadOnlyMemory<byte> message);

    /// <summary>Whether what was decoded last is the recording's span: every value bit for bit, and nothing else.</summary>
    bool Holds(TickSpan span);
}
