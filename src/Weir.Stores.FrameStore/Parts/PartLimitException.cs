namespace Weir.Stores.FrameStore.Parts;

/// <summary>A part would hold more than its readers take: it is not written, and what it was to be made of stays where it is.</summary>
internal sealed class PartLimitException(string path, string section, long bytes, long maxBytes)
    : IOException(FormattableString.Invariant($"{path} cannot be written: its {section} would take {bytes} bytes, and readers take {maxBytes}"))
{
    /// <summary>The part.</summary>
    public string Path { get; } = path;

    /// <summary>What of it is too large.</summary>
    public string Section { get; } = section;
}
