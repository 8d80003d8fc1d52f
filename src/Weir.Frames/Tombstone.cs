namespace Weir.Frames;

/// <summary>Samples given up in one window.</summary>
/// <param name="WindowMs">Start of the window, Unix ms.</param>
/// <param name="Samples">How many samples.</param>
/// <param name="Digest">Their digest, from the headers of the frames given up.</param>
public readonly record struct TombstoneWindow(long WindowMs, long Samples, ulong Digest);

/// <summary>Declares a deliberate loss: which entries, how many samples in which windows, and why.</summary>
/// <remarks><c>docs/formats/tombstone.md</c> draws the bytes.</remarks>
public sealed record Tombstone
{
    private const int MaxWindows = 100_000;
    private const byte NamesOnlyFlag = 0x80;

    /// <summary>The epoch of the entries given up; it may differ from the tombstone's own.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>First entry given up.</summary>
    public required ulong FirstSeq { get; init; }

    /// <summary>Last entry given up.</summary>
    public required ulong LastSeq { get; init; }

    /// <summary>Why.</summary>
    public required DropReason Reason { get; init; }

    /// <summary>Whether only the names are known: what the entries held, if they held samples at all, is not. Then there are no windows.</summary>
    public bool IsNamesOnly { get; init; }

    /// <summary>What was lost, per window: all of it, unless only names are known.</summary>
    public IReadOnlyList<TombstoneWindow> Windows { get; init; } = [];

    /// <summary>The payload of the tombstone.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.U64(Epoch);
        writer.Varint(FirstSeq);
        writer.Varint(LastSeq);
        writer.U8((byte)((byte)Reason | (IsNamesOnly ? NamesOnlyFlag : 0)));
        writer.Varint((ulong)Windows.Count);
        foreach (TombstoneWindow window in Windows)
        {
            writer.Varint((ulong)window.WindowMs);
            writer.Varint((ulong)window.Samples);
            writer.U64(window.Digest);
        }

        return writer.Written.ToArray();
    }

    /// <summary>Reads a payload; null where it is malformed.</summary>
    public static Tombstone? TryDecode(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        ulong epoch = reader.U64(), first = reader.Varint(), last = reader.Varint();
        byte reason = reader.U8();
        int count = reader.Count(MaxWindows);
        bool isNamesOnly = (reason & NamesOnlyFlag) != 0;
        if (reader.Failed || first == 0 || last < first || count > reader.Remaining / 10 || (isNamesOnly && count > 0)) return null;
        var windows = new TombstoneWindow[count];
        for (int i = 0; i < count; i++) windows[i] = new TombstoneWindow((long)reader.Varint(), (long)reader.Varint(), reader.U64());
        if (reader.Failed || reader.Remaining != 0) return null;
        return new Tombstone { Epoch = epoch, FirstSeq = first, LastSeq = last, Reason = (DropReason)(reason & ~NamesOnlyFlag), IsNamesOnly = isNamesOnly, Windows = windows };
    }
}
