namespace Weir.Gateway;

/// <summary>Limits of uploads: whole files that agents send in chunks.</summary>
public sealed record UploadOptions
{
    /// <summary>Most chunks of a file: bounds what is kept of it in memory and in its state. With chunks of 1 MiB a file has at most 16 GiB.</summary>
    public const int MaxChunks = 16_384;

    /// <summary>Most bytes of all files together, those announced and not yet sent included. Default 4 GiB.</summary>
    public long MaxBytes { get; init; } = 4L << 30;

    /// <summary>Most bytes of the files of one agent. Default 2 GiB.</summary>
    public long MaxBytesPerAgent { get; init; } = 2L << 30;

    /// <summary>Most uploads that are not finished, over all agents. Default 64.</summary>
    public int MaxOpen { get; init; } = 64;

    /// <summary>Of one agent. Default 8: none keeps the others from theirs.</summary>
    public int MaxOpenPerAgent { get; init; } = 8;

    /// <summary>Most files, finished or not: bounds what tiny ones cost. Default 1,024.</summary>
    public int MaxFiles { get; init; } = 1024;

    /// <summary>Of one agent. Default 64.</summary>
    public int MaxFilesPerAgent { get; init; } = 64;

    /// <summary>Most chunks on their way at a time, over all uploads; above it a chunk is told to come later. Default 32: 64 KiB of memory each.</summary>
    public int MaxChunksInFlight { get; init; } = 32;

    /// <summary>Bytes of a chunk; the last of a file is shorter. 64 KiB to 8 MiB, default 1 MiB. Smaller ones lose less to a broken connection and cost more flushes.</summary>
    public int ChunkBytes { get; init; } = 1 << 20;

    /// <summary>An upload without a new chunk for this long is given up. Default 7 d.</summary>
    public TimeSpan AbandonAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A finished file is kept for this long. Default 30 d.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);
}
