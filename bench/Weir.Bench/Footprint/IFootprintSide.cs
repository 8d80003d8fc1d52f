namespace Weir.Bench.Footprint;

/// <summary>Something that measures this host and sends what it measures away.</summary>
internal interface IFootprintSide : IAsyncDisposable
{
    /// <summary>What it is called in the report.</summary>
    string Name { get; }

    /// <summary>Bytes of its programs.</summary>
    long ProgramBytes { get; }

    /// <summary>Its processes; what they send to is not among them.</summary>
    IReadOnlyList<int> Processes { get; }

    /// <summary>Starts it.</summary>
    /// <param name="interval">How often it measures.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task StartAsync(TimeSpan interval, CancellationToken cancellationToken);

    /// <summary>How many series it measures.</summary>
    Task<int> CountSeriesAsync(CancellationToken cancellationToken);

    /// <summary>How long its first reading took from the start of its process, a wait for the grid of its ticks left out; null where it has no grid to wait for, or does not say.</summary>
    Task<TimeSpan?> TellStartAsync(CancellationToken cancellationToken);

    /// <summary>Bytes of managed memory that it has allocated so far; null where it has none.</summary>
    Task<double?> TellAllocatedAsync(CancellationToken cancellationToken);

    /// <summary>What it says of its own garbage and ticks so far; null where it says nothing.</summary>
    Task<string?> TellSelfAsync(CancellationToken cancellationToken);
}
