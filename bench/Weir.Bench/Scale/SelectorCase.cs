using Weir.Bench.Replay;
using Weir.Contracts;
using Weir.Stores.FrameStore;
using Weir.Stores.FrameStore.Parts;
using Weir.Stores.FrameStore.Upkeep;

namespace Weir.Bench.Scale;

/// <summary>Reads of one series of one host over a day that has been sealed into parts.</summary>
internal sealed class SelectorCase(RecordingRows rows, ScaleSettings settings)
{
    private const int Hours = 24;
    private const int Ticks = 60;
    private const int HourSeconds = 3600;

    public async Task<SelectorResult> RunAsync(string directory, CancellationToken cancellationToken)
    {
        await using FleetStorage storage = await FleetStorage.OpenAsync(directory);
        using var host = new SampleHost(rows, Ticks, SampleHost.Midnight);
        var fleet = new FleetLog(storage.Log, hosts: 1);
        await fleet.AppendAsync(host.Opening, host.NextMs, cancellationToken);
        for (int hour = 0; hour < Hours; hour++) await fleet.AppendAsync(host.Next(HourSeconds), host.NextMs, cancellationToken);
        await storage.Writer.CatchUpAsync(cancellationToken);
        await SealAsync(storage, cancellationToken);
        Part[] parts = [.. storage.Store.Opened.SelectMany(static partition => partition.Parts)];
        SeriesSelection selection = SelectionOf(rows.Series[rows.Series.Count / 2], host.NextMs);
        var durations = new List<Took>();
        using var counts = new SampleCounts();
        for (int i = 0; i < settings.Queries; i++)
        {
            (Took took, IReadOnlyList<SeriesSamples> found) = await Took.MeasureAsync(() => storage.Store.ReadAsync(selection, cancellationToken));
            durations.Add(took);
            if (found.Count != 1) throw new InvalidDataException($"one series was asked for and {found.Count} answered");
        }

        return new SelectorResult
        {
            Series = string.Join(',', selection.Matchers.Select(static matcher => $"{matcher.Name}=\"{matcher.Value}\"")),
            Hours = Hours,
            Parts = parts.Length,
            DiskBytesPerSample = (double)parts.Sum(static part => part.Info.Bytes) / parts.Sum(static part => part.Info.Samples),
            DecodedPerReturned = (double)counts.Decoded / counts.Returned,
            SamplesReturned = counts.Returned / settings.Queries,
            Latency = Percentiles.Of(durations),
        };
    }

    private static SeriesSelection SelectionOf(TestKit.Recordings.RecordedSeries series, long toMs) => new()
    {
        Tenant = FleetLog.Tenant,
        Matchers =
        [
            new LabelMatcher(Labels.MetricName, MatchOperator.Equal, series.Name),
            .. series.Labels.Select(static label => new LabelMatcher(label.Key, MatchOperator.Equal, label.Value)),
        ],
        FromMs = SampleHost.Midnight,
        ToMs = toMs,
    };

    // Sealing needs the writer, which moves the progress: here behind all of it.
    private static async Task SealAsync(FleetStorage storage, CancellationToken cancellationToken)
    {
        using var upkeep = new StoreUpkeep(storage.Store);
        foreach (FrameStorePartition partition in storage.Store.Opened) await upkeep.SealAsync(partition, static () => { }, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = storage.Writer.RunAsync(static () => { }, stop.Token);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (storage.Store.Opened.Any(static partition => partition.HasPendingSeal)) await timer.WaitForNextTickAsync(cancellationToken);
        await stop.CancelAsync();
        try
        {
            await writing;
        }
        catch (OperationCanceledException)
        {
            // It was asked to stop.
        }

        FleetCheck.Frames(storage, 0);
    }
}
