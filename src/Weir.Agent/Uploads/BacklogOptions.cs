namespace Weir.Agent.Uploads;

/// <summary>Options of the upload of backlogs.</summary>
internal sealed record BacklogOptions
{
    /// <summary>A backlog above this goes as chunks. Default 64 MiB: below it the stream is as fast. 16 MiB is the least that a spool's segments can tell.</summary>
    public long UploadAbove { get; init; } = 64L << 20;

    /// <summary>Most bytes of a chunk. Default 1 MiB, what a gateway takes.</summary>
    public int ChunkBytes { get; init; } = 1 << 20;

    /// <summary>Chunks on their way at a time. Default 4.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>Entries younger than this are left to the stream. Default 60 s, where its class live ends.</summary>
    public TimeSpan LiveAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the size of the backlog is looked at. Default 5 s.</summary>
    public TimeSpan LookInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the backlog is the stream's after nothing of it could be settled here. Default 1 min.</summary>
    public TimeSpan HoldOff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a chunk may take. Default 2 min: 1 MiB at 9 KiB/s.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
