using Weir.Bench.Replay;

namespace Weir.Bench.EndToEnd;

/// <summary>The figures of a run; <c>docs/benchmarks.md</c> says what each means. Rates and CPU are of the timed section.</summary>
internal sealed record EndToEndReport
{
    public required string Input { get; init; }

    /// <summary>What was left out of the recording; null where nothing was.</summary>
    public required string? InputCut { get; init; }

    public required int Hosts { get; init; }

    public required int Seconds { get; init; }

    public required int SeriesPerHost { get; init; }

    public required int TicksPerFrame { get; init; }

    public required int FramesPerBatch { get; init; }

    public required Pace Pace { get; init; }

    public required long Connections { get; init; }

    /// <summary>What the server's resident memory grew by when all streams were open and nothing had been sent, by connections.</summary>
    public required double IdleBytesPerConnection { get; init; }

    /// <summary>From the first connection to the last Welcome.</summary>
    public required double OpenSeconds { get; init; }

    /// <summary>CPU time of the server for all that, by connections.</summary>
    public required double OpenWeirCpuMsPerConnection { get; init; }

    public required bool EncodedAhead { get; init; }

    public required long Samples { get; init; }

    public required long Frames { get; init; }

    public required double SentSeconds { get; init; }

    public required double AckedSeconds { get; init; }

    public required double QueryableSeconds { get; init; }

    /// <summary>Until the last sample stood in a part; null where sealing was not waited for.</summary>
    public required double? SealedSeconds { get; init; }

    /// <summary>Samples that stood in parts at the end.</summary>
    public required long SealedSamples { get; init; }

    /// <summary>Bytes of all parts, by the samples in them.</summary>
    public required double? PartBytesPerSample { get; init; }

    /// <summary>Another system beside; null where none was asked for.</summary>
    public required BesideReport? Beside { get; init; }

    public required double SentSamplesPerSecond { get; init; }

    public required double AckedSamplesPerSecond { get; init; }

    public required double QueryableSamplesPerSecond { get; init; }

    public required double WeirCpuSeconds { get; init; }

    public required double BenchCpuSeconds { get; init; }

    public required double SamplesPerWeirCpuSecond { get; init; }

    /// <summary>Frames that the server took by a second of its CPU, once a quarter of them had been acked: without what it does for the first time.</summary>
    public required double SteadyFramesPerWeirCpuSecond { get; init; }

    /// <summary>Frames acked by the second, once a quarter of them had been.</summary>
    public required double SteadyFramesPerSecond { get; init; }

    public required double SamplesPerBenchCpuSecond { get; init; }

    /// <summary>The generator's part of the CPU time that both used.</summary>
    public required double BenchCpuShare { get; init; }

    public required long WeirPeakRssBytes { get; init; }

    public required IReadOnlyDictionary<string, long> WeirCollections { get; init; }

    public required IReadOnlyDictionary<string, long> BenchCollections { get; init; }

    public required double WireBytesPerSample { get; init; }

    public required long WireBytes { get; init; }

    public required double DiskBytesPerSample { get; init; }

    public required long DiskBytes { get; init; }

    /// <summary>Batches whose ack latency counts: those acked once a quarter of the frames had been, and of which nothing was refused.</summary>
    public required int AckedSteadyBatches { get; init; }

    public required double AckP50Ms { get; init; }

    public required double AckP99Ms { get; init; }

    public required double AckP999Ms { get; init; }

    public required long RetriedEntries { get; init; }

    public required long NeededFrames { get; init; }

    /// <summary>What the writer did with the samples, by outcome.</summary>
    public required IReadOnlyDictionary<string, long> WriterSamples { get; init; }

    public required string Machine { get; init; }

    /// <summary>The store that is left behind; null where it was removed.</summary>
    public required string? DataDirectory { get; init; }
}
