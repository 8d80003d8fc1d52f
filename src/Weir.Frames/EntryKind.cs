namespace Weir.Frames;

/// <summary>What an entry carries. Values are frozen.</summary>
public enum EntryKind : byte
{
    /// <summary>A frame: samples.</summary>
    Samples = 1,

    /// <summary>Reserved for events; refused with <see cref="EntryError.UnknownKind"/> until their bytes are defined.</summary>
    Events = 2,

    /// <summary>What an agent says it did; <see cref="DeclarationKind"/> tells which.</summary>
    Declaration = 3,

    /// <summary>A deliberate loss.</summary>
    Tombstone = 4,

    /// <summary>A template, schema or baseline; <see cref="ObjectKind"/> tells which.</summary>
    Object = 5,
}

/// <summary>Which object an entry of kind <see cref="EntryKind.Object"/> holds. Values are frozen.</summary>
public enum ObjectKind : byte
{
    /// <summary>A list of metrics and the attribute keys they share.</summary>
    Template = 1,

    /// <summary>A list of templates with instances.</summary>
    Schema = 2,

    /// <summary>The values of a schema's series at one tick, with their profiles.</summary>
    Baseline = 3,
}

/// <summary>Which declaration an entry of kind <see cref="EntryKind.Declaration"/> holds. Values are frozen.</summary>
public enum DeclarationKind : byte
{
    /// <summary>The first entry of an epoch.</summary>
    EpochStart = 1,

    /// <summary>The accounts of one window.</summary>
    Window = 2,
}

/// <summary>How a frame's samples are coded. Values are frozen.</summary>
public enum CodecId : byte
{
    /// <summary>Byte-transposed doubles and zstd; needs no history.</summary>
    Plain = 0,

    /// <summary>Residuals against a baseline, through an entropy coder.</summary>
    Profiled = 1,
}
