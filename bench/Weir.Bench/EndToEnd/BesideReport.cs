namespace Weir.Bench.EndToEnd;

/// <summary>What another system did with samples of the same replay, in the same run.</summary>
internal sealed record BesideReport
{
    public required string Name { get; init; }

    /// <summary>Hosts whose samples it got: the first of the replay.</summary>
    public required int Hosts { get; init; }

    public required long Samples { get; init; }

    public required double QueryableSeconds { get; init; }

    public required double QueryableSamplesPerSecond { get; init; }

    public required double CpuSeconds { get; init; }

    public required double SamplesPerCpuSecond { get; init; }

    public required long PeakRssBytes { get; init; }

    public required double WireBytesPerSample { get; init; }

    public required double DiskBytesPerSample { get; init; }
}
