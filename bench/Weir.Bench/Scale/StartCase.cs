using System.Diagnostics;
using Weir.Bench.Replay;

namespace Weir.Bench.Scale;

/// <summary>How long log, store and writer take from nothing to answering for a hot log.</summary>
internal sealed class StartCase(RecordingRows rows, ScaleSettings settings)
{
    // Seconds of each host written at a time: a whole frame of any length.
    private const int SecondsAtATime = 60;

    public async Task<StartResult> RunAsync(string directory, CancellationToken cancellationToken)
    {
        FleetLog fleet = await WriteAsync(directory, cancellationToken);
        MemorySample.Take();
        using var process = Process.GetCurrentProcess();
        (TimeSpan user, TimeSpan kernel) = (process.UserProcessorTime, process.PrivilegedProcessorTime);
        TimeSpan paused = GC.GetTotalPauseDuration();
        long allocated = GC.GetTotalAllocatedBytes();
        long begun = Stopwatch.GetTimestamp();
        var log = await FleetStorage.OpenLogAsync(directory);
        TimeSpan logOpen = Stopwatch.GetElapsedTime(begun);
        await using FleetStorage storage = await FleetStorage.OpenAsync(directory, log);
        TimeSpan open = Stopwatch.GetElapsedTime(begun);
        await storage.Writer.CatchUpAsync(cancellationToken);
        TimeSpan all = Stopwatch.GetElapsedTime(begun);
        process.Refresh();
        FleetCheck.Frames(storage, fleet.Frames);
        return new StartResult
        {
            LogBytes = storage.Log.SizeBytes,
            Hosts = settings.StartHosts,
            Rows = fleet.Entries,
            LogSeconds = logOpen.TotalSeconds,
            OpenSeconds = (open - logOpen).TotalSeconds,
            CatchUpSeconds = (all - open).TotalSeconds,
            Seconds = all.TotalSeconds,
            RowsPerSecond = fleet.Entries / all.TotalSeconds,
            UserSeconds = (process.UserProcessorTime - user).TotalSeconds,
            KernelSeconds = (process.PrivilegedProcessorTime - kernel).TotalSeconds,
            CollectionSeconds = (GC.GetTotalPauseDuration() - paused).TotalSeconds,
            AllocatedBytesPerRow = (double)(GC.GetTotalAllocatedBytes() - allocated) / fleet.Entries,
        };
    }

    private async Task<FleetLog> WriteAsync(string directory, CancellationToken cancellationToken)
    {
        await using var log = await FleetStorage.OpenLogAsync(directory);
        var fleet = new FleetLog(log, settings.StartHosts);
        using var host = new SampleHost(rows, settings.Ticks, SampleHost.Midnight);
        await fleet.AppendAsync(host.Opening, host.NextMs, cancellationToken);
        while (log.SizeBytes < settings.StartBytes) await fleet.AppendAsync(host.Next(SecondsAtATime), host.NextMs, cancellationToken);
        return fleet;
    }
}
