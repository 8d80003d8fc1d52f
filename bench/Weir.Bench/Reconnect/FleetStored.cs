using System.Globalization;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Reconnect;

/// <summary>Compares what the agents have spooled, all of it acked, with what <c>weir query --data</c> says is stored.</summary>
internal static class FleetStored
{
    private const string Selector = "test_value_ratio";
    private const string HostLabel = "host_name=\"\"";

    /// <summary>Reads the store of a stopped server.</summary>
    /// <returns>Samples stored.</returns>
    /// <exception cref="ReplayFailedException">Something is lost, stored twice or was never made.</exception>
    public static async Task<int> CheckAsync(string dll, string data, IReadOnlyList<FleetAgent> agents, int seriesPerAgent, CancellationToken cancellationToken)
    {
        var left = new Dictionary<(string Host, long TickMs), int>();
        foreach (FleetAgent agent in agents)
            foreach (long tick in agent.Ticks) left.Add((agent.Name, tick), seriesPerAgent);
        long firstMs = left.Keys.Min(static key => key.TickMs), lastMs = left.Keys.Max(static key => key.TickMs);
        CommandResult result = await WeirProcess.RunAsync(
            dll, ["query", Selector, "--from", Seconds((firstMs / 1000) - 60), "--to", Seconds((lastMs / 1000) + 60), "--data", data, "--output", "csv"], cancellationToken);
        if (result.ExitCode != 0) throw new ReplayFailedException($"weir query ended with code {result.ExitCode}: {result.Errors}");
        foreach (string line in result.Output.Skip(1))
        {
            (string Host, long TickMs) key = (HostOf(line), long.Parse(line.AsSpan(0, line.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
            if (!left.TryGetValue(key, out int series) || series == 0) throw new ReplayFailedException($"stored twice, or never made: {line}");
            left[key] = series - 1;
        }

        int lost = left.Values.Sum();
        return lost == 0 ? result.Output.Count - 1 : throw new ReplayFailedException($"{lost} acked samples are not stored");
    }

    private static string Seconds(long seconds) => seconds.ToString(CultureInfo.InvariantCulture);

    // In CSV a quote within a field stands twice.
    private static string HostOf(string line)
    {
        int start = line.IndexOf(HostLabel, StringComparison.Ordinal) + HostLabel.Length;
        return line[start..line.IndexOf('"', start)];
    }
}
