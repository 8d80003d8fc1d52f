using Weir.Frames;
using Weir.Scenarios.Replay;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Kernel;

/// <summary>What a server has of an agent of this machine, against what the kernel said at the time of each tick.</summary>
internal sealed class ShippedValues(WeirProcess weir, KernelWatch kernel)
{
    private const int Ticks = 5;
    private const long ClockSlackMs = 100; // between the agent's clock and the system's
    private const long LatestReadMs = 600; // what is read later than half an interval behind its tick is no sample
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _dll = WeirProcess.FindDll();

    /// <summary>Waits for some ticks of the series of a selector since the kernel is watched, and holds every value to the kernel's.</summary>
    /// <param name="selector">The series.</param>
    /// <param name="nameOf">What the watch calls them, by their labels.</param>
    /// <param name="slack">How far a value may lie beyond what the kernel said before and behind.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task HoldAsync(string selector, Func<IReadOnlyDictionary<string, string>, string> nameOf, double slack, CancellationToken cancellationToken)
    {
        foreach (((string series, long timeMs), double value) in await WaitAsync(selector, cancellationToken))
        {
            Assert.True(PrometheusLine.TryParseSeries(series, out _, out SeriesAttribute[]? labels), series);
            string name = nameOf(labels.ToDictionary(static label => label.Key, static label => label.Value));
            (double least, double most) = await kernel.BetweenAsync(name, timeMs - ClockSlackMs, timeMs + LatestReadMs, cancellationToken);
            Assert.True(value >= least - slack && value <= most + slack, $"{series} is {value} at {timeMs}, Linux has {least} to {most}");
        }
    }

    private async Task<Dictionary<(string Series, long TimeMs), double>> WaitAsync(string selector, CancellationToken cancellationToken)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            CommandResult answer = await WeirProcess.RunAsync(_dll, ["query", selector, "--since", "60s", "--url", weir.Http.ToString(), "--output", "csv"], cancellationToken);
            Assert.True(answer.ExitCode == 0, answer.Errors);
            Dictionary<(string Series, long TimeMs), double> samples = QueryCsv.Parse(answer.Output).Where(sample => sample.Key.TimeMs - ClockSlackMs > kernel.BeginMs)
                .ToDictionary(static sample => sample.Key, static sample => BitConverter.UInt64BitsToDouble(sample.Value));
            if (samples.Keys.Select(static sample => sample.TimeMs).Distinct().Count() >= Ticks) return samples;
            Assert.True(Environment.TickCount64 - start < Limit.TotalMilliseconds, $"fewer than {Ticks} ticks of {selector} at the server after {Limit}");
            await Task.Delay(200, cancellationToken);
        }
    }
}
