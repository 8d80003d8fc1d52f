using System.Globalization;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Configuration;

namespace Weir.Scenarios.Kernel;

/// <summary>Writes down what Linux says of this machine, many times a second: what somebody else says of a moment must lie between two of these readings.</summary>
internal sealed class KernelWatch : IAsyncDisposable
{
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly List<(long BeginMs, long EndMs, Dictionary<string, double> Values)> _readings = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public KernelWatch()
    {
        Read();
        BeginMs = _readings[0].EndMs;
        Interfaces = [.. _readings[0].Values.Where(static pair => pair.Key.EndsWith(" receive", StringComparison.Ordinal) && pair.Value > 0 && NetworkCollector.UseOf(pair.Key.Split(' ')[0], NamePatterns.None) != DeviceUse.Never).Select(static pair => pair.Key.Split(' ')[0])];
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>When the first reading ended, Unix ms.</summary>
    public long BeginMs { get; }

    /// <summary>The interfaces that have received something, but those that the agent leaves out by itself.</summary>
    public IReadOnlyList<string> Interfaces { get; }

    /// <summary>The least and the most between two moments: from the last reading before the first to the first reading behind the second, which this waits for.</summary>
    /// <param name="name"><c>limit</c>, <c>available</c> or <c>free</c> (with buffers and cache), in bytes; <c>0 user</c> or <c>0 idle</c>, in seconds; <c>eth0 receive</c> or <c>eth0 transmit</c>, in bytes.</param>
    /// <param name="fromMs">The first moment, Unix ms.</param>
    /// <param name="toMs">The second.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(double Least, double Most)> BetweenAsync(string name, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        while (!IsBehind(toMs)) await Task.Delay(Distance, cancellationToken);
        lock (_gate)
        {
            int first = _readings.FindLastIndex(reading => reading.EndMs <= fromMs), last = _readings.FindIndex(reading => reading.BeginMs >= toMs);
            double[] values = [.. _readings[first..(last + 1)].Select(reading => reading.Values[name])];
            return (values.Min(), values.Max());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private bool IsBehind(long timeMs)
    {
        lock (_gate) return _readings[^1].BeginMs >= timeMs;
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Distance, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token)) Read();
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private void Read()
    {
        long begin = NowMs;
        var values = new Dictionary<string, double>();
        Dictionary<string, double> memory = Lines("/proc/meminfo").ToDictionary(static words => words[0], static words => Number(words[1]) * 1024);
        values["limit"] = memory["MemTotal"];
        values["available"] = memory["MemAvailable"];
        values["free"] = memory["MemFree"] + memory["Buffers"] + memory["Cached"];

        foreach (string[] words in Lines("/proc/stat").Where(static words => words[0].Length > 3 && words[0].StartsWith("cpu", StringComparison.Ordinal)))
        {
            values[$"{words[0][3..]} user"] = (Number(words[1]) + Number(words[2])) / TicksPerSecond;
            values[$"{words[0][3..]} idle"] = Number(words[4]) / TicksPerSecond;
        }

        foreach (string[] words in Lines("/proc/net/dev").Skip(2).Where(static words => words[0] != "lo"))
        {
            values[$"{words[0]} receive"] = Number(words[1]);
            values[$"{words[0]} transmit"] = Number(words[9]);
        }

        lock (_gate) _readings.Add((begin, NowMs, values));
    }

    private static IEnumerable<string[]> Lines(string file) => File.ReadLines(file).Select(static line => line.Split([' ', ':', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(static words => words.Length > 0);

    private static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);
}
