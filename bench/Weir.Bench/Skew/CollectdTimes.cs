using System.Globalization;
using Weir.TestKit.Processes;

namespace Weir.Bench.Skew;

/// <summary>A collectd that writes its values into files, from whose times it shows when it read them.</summary>
/// <remarks>Its grid is not aligned and not told: the earliest reading of a plugin in a stretch counts as on time.</remarks>
internal sealed class CollectdTimes(string work) : IAsyncDisposable
{
    private const string Program = "/usr/sbin/collectd";

    private static readonly string[] Plugins = ["cpu", "memory", "load", "interface", "disk"];

    private ChildProcess? _collectd;

    /// <summary>Whether it is installed.</summary>
    public static bool IsHere => File.Exists(Program);

    private string Values => Path.Combine(work, "values");

    /// <summary>Starts it.</summary>
    public async Task StartAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        string config = Path.Combine(work, "collectd.conf");
        await File.WriteAllTextAsync(
            config,
            $"Interval {interval.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)}\nBaseDir \"{work}\"\nPIDFile \"{work}/collectd.pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n"
            + string.Concat(Plugins.Select(static plugin => $"LoadPlugin {plugin}\n"))
            + $"LoadPlugin csv\n<Plugin csv>\n  DataDir \"{Values}\"\n</Plugin>\n",
            cancellationToken);
        _collectd = ChildProcess.Start(Program, "-f", "-C", config);
    }

    /// <summary>How late it read in a stretch that has ended: one series of each plugin.</summary>
    public SkewResult Read(DateTimeOffset to, TimeSpan duration, TimeSpan interval)
    {
        var late = new List<double>();
        long expected = 0;
        foreach (string folder in Directory.GetDirectories(Values).SelectMany(Directory.GetDirectories).Where(static folder => Plugins.Contains(Path.GetFileName(folder).Split('-')[0])).DistinctBy(static folder => Path.GetFileName(folder).Split('-')[0]))
        {
            // A file a series and day.
            double[] times = [.. Directory.GetFiles(folder).GroupBy(static file => Path.GetFileName(file)[..^"-2000-01-01".Length]).First().SelectMany(static file => File.ReadLines(file).Skip(1)).Select(static line => double.Parse(line.Split(',')[0], CultureInfo.InvariantCulture) * 1000)];
            double end = to.ToUnixTimeMilliseconds(), begin = end - duration.TotalMilliseconds, step = interval.TotalMilliseconds;
            times = [.. times.Where(time => time > begin && time <= end)];
            if (times.Length == 0) continue;
            double[] off = [.. times.Select(time => ((time - times[0] + (step * 1.5)) % step) - (step / 2))];
            late.AddRange(off.Select(each => each - off.Min()));
            expected += (long)(duration / interval);
        }

        return new SkewResult("collectd", [.. late.Order()], Math.Max(0, expected - late.Count));
    }

    public async ValueTask DisposeAsync()
    {
        if (_collectd is not null) await _collectd.DisposeAsync();
    }
}
