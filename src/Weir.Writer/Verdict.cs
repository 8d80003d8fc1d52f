namespace Weir.Writer;

/// <summary>What becomes of an entry.</summary>
internal enum Verdict
{
    /// <summary>Not seen before: it goes on.</summary>
    New,

    /// <summary>The same entry is settled already.</summary>
    Duplicate,

    /// <summary>A settled name with another content: two agents share an identity.</summary>
    Conflict,
}
