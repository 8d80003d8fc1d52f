namespace Weir.Agent.Spooling;

/// <summary>How reading an entry out of the spool went.</summary>
internal enum SpoolRead
{
    /// <summary>The entry is whole.</summary>
    Whole,

    /// <summary>Its segment has been unlinked.</summary>
    Gone,

    /// <summary>It does not stand as it was written, or the disk has not given it several times, at intervals.</summary>
    Damaged,

    /// <summary>The disk does not give it now: to be read again later.</summary>
    NotNow,
}
