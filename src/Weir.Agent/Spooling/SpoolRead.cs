namespace Weir.Agent.Spooling;

/// <summary>How reading an entry out of the spool went.</summary>
internal enum SpoolRead
{
    /// <summary>The entry is whole.</summary>
    Whole,

    /// <summary>Its segment has been unlinked.</summary>
    Gone,

    /// <summary>It does not stand as it was written.</summary>
    Damaged,
}
