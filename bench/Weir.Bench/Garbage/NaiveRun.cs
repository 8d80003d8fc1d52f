using System.Globalization;
using System.Text.Json;
using Weir.Agent.Recordings;
using Weir.Frames;

namespace Weir.Bench.Garbage;

/// <summary>Many hosts as one would first write it: an object with name and labels for each sample of each tick, a list of them, JSON of the list, appended to a file.</summary>
internal static class NaiveRun
{
    /// <summary>Runs until cancelled.</summary>
    public static Task RunAsync(GarbageSettings settings, RecordedGroup group, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, settings.Hosts).Select(number => HostAsync(settings, group, number, cancellationToken)));

    private static async Task HostAsync(GarbageSettings settings, RecordedGroup group, int number, CancellationToken cancellationToken)
    {
        string path = Path.Combine(settings.Data, string.Create(CultureInfo.InvariantCulture, $"host-{number}.json"));
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            for (int tick = number % group.Ticks.Count; await timer.WaitForNextTickAsync(cancellationToken); tick = (tick + 1) % group.Ticks.Count)
            {
                byte[] json = JsonSerializer.SerializeToUtf8Bytes(Collect(group.Ticks[tick], TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
                // The newest alone, so that the disk holds no more than the spools of the other.
                await File.WriteAllBytesAsync(path, json, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private static List<NaiveSample> Collect(RecordedTick tick, long timeMs)
    {
        var samples = new List<NaiveSample>();
        int series = 0;
        foreach (SchemaPart part in tick.Parts)
        {
            foreach (string[] instance in part.Instances)
            {
                foreach (Metric metric in part.Template.Metrics)
                {
                    var labels = new Dictionary<string, string>();
                    for (int key = 0; key < instance.Length; key++) labels[part.Template.AttributeKeys[key]] = instance[key];
                    if (tick.Present[series] != 0) samples.Add(new NaiveSample(metric.Name, labels, tick.Values[series], timeMs));
                    series++;
                }
            }
        }

        return samples;
    }

    private sealed record NaiveSample(string Name, Dictionary<string, string> Labels, double Value, long TimeMs);
}
