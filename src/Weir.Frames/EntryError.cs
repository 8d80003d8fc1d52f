namespace Weir.Frames;

/// <summary>Why bytes are not an entry, or an entry cannot be used here.</summary>
public enum EntryError
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Shorter than the smallest header, or longer than <see cref="FrameLimits.MaxEntryBytes"/>.</summary>
    Size,

    /// <summary>The checksum does not hold: damaged on the way or on disk.</summary>
    Crc,

    /// <summary>A version newer than this program knows. Not damage: a newer program reads it.</summary>
    UnknownVersion,

    /// <summary>A kind this program does not know. Not damage.</summary>
    UnknownKind,

    /// <summary>A codec, object kind or declaration kind this program does not know. Not damage.</summary>
    UnknownCodec,

    /// <summary>The header contradicts itself, its payload or a limit.</summary>
    Contradiction,

    /// <summary>The payload does not decode to what the header says.</summary>
    Payload,

    /// <summary>The decoded samples do not add up to the header's digest.</summary>
    Digest,

    /// <summary>The frame does not fit the schema it was decoded with.</summary>
    Schema,
}
