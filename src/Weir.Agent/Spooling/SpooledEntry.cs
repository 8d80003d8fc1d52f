namespace Weir.Agent.Spooling;

/// <summary>One entry as it stands in the spool.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="StartNumber">The epoch's start number.</param>
/// <param name="Header">Its header; of an entry that a newer program wrote, the seq alone.</param>
/// <param name="Position">Position of its bytes.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct SpooledEntry(ulong Epoch, uint StartNumber, EntryHeader Header, long Position, int Length)
{
    private const long WindowMs = 60_000;

    /// <summary>Seq within the epoch.</summary>
    public ulong Seq => Header.Seq;

    /// <summary>The newest time that the entry speaks of, Unix ms: what its age is counted from.</summary>
    public long NewestMs => Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.Window } ? Header.FirstMs + WindowMs : Header.LastGridMs;

    /// <summary>Whether the entry can only be taken by a gateway that knows codec 1.</summary>
    public bool IsProfiled => Header is { Kind: EntryKind.Samples, Form: (byte)CodecId.Profiled } or { Kind: EntryKind.Object, Form: (byte)ObjectKind.Baseline };

    /// <summary>Whether the entry holds an object that needs others ahead of it: a schema its templates, a baseline its schema.</summary>
    public bool NeedsObjects => Header is { Kind: EntryKind.Object, Form: not (byte)ObjectKind.Template };
}
