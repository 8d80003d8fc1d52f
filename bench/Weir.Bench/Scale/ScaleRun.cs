using System.Runtime;
using Weir.Bench.Replay;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Scale;

/// <summary>Runs the cases one after another, each in a temporary folder of its own.</summary>
internal sealed class ScaleRun(ScaleSettings settings, TextWriter progress)
{
    public async Task<ScaleReport> RunAsync(CancellationToken cancellationToken)
    {
        var rows = new RecordingRows(Recording.Load(settings.Input));
        var memory = new List<MemoryResult>();
        foreach (int hosts in settings.Fleets)
            memory.Add(await InFolderAsync($"memory of {hosts} hosts", folder => new MemoryCase(rows, settings).RunAsync(hosts, folder, cancellationToken)));
        return new ScaleReport
        {
            Input = Path.GetFileName(settings.Input),
            SeriesPerHost = rows.Series.Count,
            TicksPerFrame = settings.Ticks,
            HotSeconds = settings.HotSeconds,
            Memory = memory,
            Start = settings.StartBytes == 0 ? null : await InFolderAsync("start", folder => new StartCase(rows, settings).RunAsync(folder, cancellationToken)),
            Instant = settings.Queries == 0 ? null : await InFolderAsync("instant query", folder => new InstantCase(rows, settings).RunAsync(folder, cancellationToken)),
            Selector = settings.Queries == 0 ? null : await InFolderAsync("selector", folder => new SelectorCase(rows, settings).RunAsync(folder, cancellationToken)),
            Machine = $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, .NET {Environment.Version}, {(GCSettings.IsServerGC ? "server" : "workstation")} GC",
        };
    }

    private async Task<T> InFolderAsync<T>(string name, Func<string, Task<T>> run)
    {
        await progress.WriteLineAsync($"{name} ...");
        string folder = Path.Combine(settings.Directory, $"weir-scale-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        try
        {
            return await run(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
