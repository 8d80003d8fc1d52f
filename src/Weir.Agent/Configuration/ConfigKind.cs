namespace Weir.Agent.Configuration;

/// <summary>What stands behind a key.</summary>
internal enum ConfigKind
{
    /// <summary>Keys below it.</summary>
    Section,

    /// <summary>A list of sections.</summary>
    Sections,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A list of texts.</summary>
    Texts,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A duration.</summary>
    Duration,

    /// <summary>A size in bytes.</summary>
    Size,

    /// <summary>One of some words.</summary>
    Choice,
}
