namespace Weir.Stores.FrameStore.Parts;

/// <summary>What is wrong with a part.</summary>
public enum PartDamage
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The manifest names it and the disk lacks it.</summary>
    Missing,

    /// <summary>The file cannot be read.</summary>
    Unreadable,

    /// <summary>Its header.</summary>
    Header,

    /// <summary>Its footer: cut off, or bytes that changed.</summary>
    Footer,

    /// <summary>The table of its hosts.</summary>
    Hosts,

    /// <summary>Its templates and schemas.</summary>
    Objects,

    /// <summary>It is another part than the manifest says.</summary>
    Mismatch,

    /// <summary>A newer program wrote it.</summary>
    Newer,

    /// <summary>The directory of one of its hosts.</summary>
    Directory,

    /// <summary>One of its blocks.</summary>
    Block,

    /// <summary>Its samples are not those that its directories declare.</summary>
    Digest,

    /// <summary>Its list of frames that could not be decoded.</summary>
    UnreadableFrames,
}
