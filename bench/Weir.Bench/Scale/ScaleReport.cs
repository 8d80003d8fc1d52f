namespace Weir.Bench.Scale;

/// <summary>The figures of a run; <c>docs/benchmarks.md</c> says what each means. A case that was left out is null or missing.</summary>
internal sealed record ScaleReport
{
    public required string Input { get; init; }

    public required int SeriesPerHost { get; init; }

    public required int TicksPerFrame { get; init; }

    public required int HotSeconds { get; init; }

    public required IReadOnlyList<MemoryResult> Memory { get; init; }

    public required StartResult? Start { get; init; }

    public required InstantResult? Instant { get; init; }

    public required SelectorResult? Selector { get; init; }

    public required string Machine { get; init; }
}

/// <summary>Memory of writer and store, above an empty start.</summary>
internal sealed record MemoryResult
{
    public required int Hosts { get; init; }

    public required long FramesPerHost { get; init; }

    /// <summary>Bytes of packed baselines among what is held.</summary>
    public required long BaselineBytesPerHost { get; init; }

    public required double ManagedBytesPerHost { get; init; }

    public required double RssBytesPerHost { get; init; }

    public required long ManagedBytes { get; init; }

    public required long RssBytes { get; init; }

    /// <summary>Schemas in memory over all hosts.</summary>
    public required int SchemasHeld { get; init; }

    /// <summary>What one schema with its templates and labels takes.</summary>
    public required long SchemaBytes { get; init; }
}

/// <summary>A start from a hot log.</summary>
internal sealed record StartResult
{
    public required long LogBytes { get; init; }

    public required int Hosts { get; init; }

    public required long Rows { get; init; }

    public required double LogSeconds { get; init; }

    public required double OpenSeconds { get; init; }

    public required double CatchUpSeconds { get; init; }

    public required double Seconds { get; init; }

    public required double RowsPerSecond { get; init; }

    public required double UserSeconds { get; init; }

    public required double KernelSeconds { get; init; }

    public required double CollectionSeconds { get; init; }

    public required double AllocatedBytesPerRow { get; init; }
}

/// <summary>Instant queries of one metric over hot hosts.</summary>
internal sealed record InstantResult
{
    public required string Query { get; init; }

    public required int Hosts { get; init; }

    public required Percentiles Fresh { get; init; }

    public required Percentiles Again { get; init; }
}

/// <summary>Reads of one series over a day in parts.</summary>
internal sealed record SelectorResult
{
    public required string Series { get; init; }

    public required int Hours { get; init; }

    public required int Parts { get; init; }

    public required double DiskBytesPerSample { get; init; }

    public required double DecodedPerReturned { get; init; }

    public required long SamplesReturned { get; init; }

    public required Percentiles Latency { get; init; }
}
