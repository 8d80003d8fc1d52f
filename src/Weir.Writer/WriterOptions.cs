namespace Weir.Writer;

/// <summary>Options of a writer.</summary>
public sealed record WriterOptions
{
    /// <summary>Which times are accepted.</summary>
    public Horizon Horizon { get; init; } = new();

    /// <summary>How often the store is asked whether its progress should move (retention), and the state is looked through for what is missing. Default 10 s.</summary>
    public TimeSpan AdvanceInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long entries may be missing from an epoch, none of them coming, before its agent is asked for them. Default 5 minutes: longer than a backlog pauses. Shorter asks
    /// for what would have come by itself; known damage is asked for at once.
    /// </summary>
    public TimeSpan GapPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most records taken from one class before the other gets its turn. Default 256.</summary>
    public int RecordsPerTurn { get; init; } = 256;
}
