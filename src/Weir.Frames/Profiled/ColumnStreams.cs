namespace Weir.Frames.Profiled;

/// <summary>The three streams that columns are read from.</summary>
internal ref struct ColumnStreams
{
    /// <summary>Decisions and signs.</summary>
    public RansReader Decisions;

    /// <summary>Magnitudes.</summary>
    public RansReader Magnitudes;

    /// <summary>What is not modelled.</summary>
    public BitReader Raw;

    /// <summary>Whether each ended exactly where it should.</summary>
    public readonly bool Ended => Decisions.Ended && Magnitudes.Ended && Raw.Ended;

    /// <summary>Finds the streams in the encoder's bytes; false where they cannot be there.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, out ColumnStreams streams)
    {
        streams = default;
        var reader = new ByteReader(bytes);
        ReadOnlySpan<byte> raw = reader.Bytes(reader.Count(bytes.Length));
        byte states = reader.U8();
        int words = reader.Count(bytes.Length / sizeof(uint)), first = states & 15, second = states >> 4;
        if (reader.Failed || first is < 4 or > 8 || second is < 4 or > 8) return false;
        ulong decisionState = ReadState(reader.Bytes(first)), magnitudeState = ReadState(reader.Bytes(second));
        streams.Raw = new BitReader(raw);
        streams.Decisions = new RansReader(decisionState, reader.Bytes(words * sizeof(uint)));
        streams.Magnitudes = new RansReader(magnitudeState, reader.Rest);
        return !reader.Failed;
    }

    private static ulong ReadState(ReadOnlySpan<byte> bytes)
    {
        ulong state = 0;
        for (int i = 0; i < bytes.Length; i++) state |= (ulong)bytes[i] << (8 * i);
        return state;
    }
}
