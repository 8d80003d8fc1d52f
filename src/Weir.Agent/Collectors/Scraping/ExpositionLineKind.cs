namespace Weir.Agent.Collectors.Scraping;

/// <summary>What a line of an answer is; other comments are passed over.</summary>
internal enum ExpositionLineKind
{
    /// <summary>A sample.</summary>
    Sample,

    /// <summary><c># TYPE</c> or <c># UNIT</c>.</summary>
    Metadata,

    /// <summary><c># EOF</c>.</summary>
    End,
}
