namespace Weir.Writer;

/// <summary>Options of a writer.</summary>
public sealed record WriterOptions
{
    /// <summary>Which times are accepted.</summary>
    public Horizon Horizon { get; init; } = new();

    /// <summary>How often the store is asked whether its progress should move (retention). Default 10 s.</summary>
    public TimeSpan AdvanceInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most records taken from one class before the other gets its turn. Default 256.</summary>
    public int RecordsPerTurn { get; init; } = 256;
}
