using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Local;

namespace Weir.Agent.Commands;

/// <summary>Reads every enabled collector twice, an interval apart, as the agent would: rates need two ticks.</summary>
internal sealed class OnceCollector(AgentConfig config, LinuxRoots roots, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads.</summary>
    /// <param name="pause">Time between the two ticks.</param>
    /// <param name="complain">Receives a line for each collector that failed or hangs.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The values of the second tick.</returns>
    public async Task<IReadOnlyList<Reading>> ReadAsync(TimeSpan pause, Action<string> complain, CancellationToken cancellationToken)
    {
        List<(ICollector Collector, Columns Columns)> all =
            [.. CollectorCatalog.Plan(config, roots, time, NullLogger.Instance).Select(static planned => ((ICollector)planned.Collector, new Columns()))];
        var readings = new List<Reading>();
        var hanging = new HashSet<ICollector>();
        for (int tick = 0; tick < 2; tick++)
        {
            if (tick > 0) await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            foreach ((ICollector collector, Columns columns) in all)
            {
                if (hanging.Contains(collector)) continue;
                string? problem = await CollectAsync(collector, columns, hanging, cancellationToken).ConfigureAwait(false);
                if (tick == 0) continue;
                if (collector is SourcedCollector { Shortfall: { } shortfall }) complain($"{collector.Name}: {shortfall}");
                if (problem is null) AddReadings(readings, collector.Name, columns, complain);
                else complain($"{collector.Name}: {problem}");
            }
        }

        foreach (ICollector collector in hanging) complain($"{collector.Name}: no answer within {Patience.TotalSeconds:0} s");
        foreach ((ICollector collector, _) in all)
            if (!hanging.Contains(collector)) collector.Dispose();
        return readings;
    }

    private async Task<string?> CollectAsync(ICollector collector, Columns columns, HashSet<ICollector> hanging, CancellationToken cancellationToken)
    {
        try
        {
            columns.Clear();
            await Task.Run(() => collector.Collect(columns), cancellationToken).WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (TimeoutException)
        {
            hanging.Add(collector);
            return "no answer";
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return error.Message;
        }
    }

    private static void AddReadings(List<Reading> readings, string collector, Columns columns, Action<string> complain)
    {
        if (columns.Count == 0) return;
        var schema = new Schema(columns.Parts);
        var unread = new SortedDictionary<FailureReason, (int Count, string First)>();
        for (int series = 0; series < columns.Count; series++)
        {
            byte state = columns.States[series];
            SeriesAttribute[] attributes = schema.AttributesOf(series);
            if (state == Columns.Present) readings.Add(new Reading(collector, schema.MetricOf(series), schema.NamingOf(series), attributes, columns.Values[series]));
            else if (Columns.ReasonOf(state) is { } reason)
                unread[reason] = unread.TryGetValue(reason, out (int Count, string First) known) ? (known.Count + 1, known.First) : (1, $"{schema.MetricOf(series).Name}{{{string.Join(',', attributes.Select(static attribute => $"{attribute.Key}={attribute.Value}"))}}}");
        }

        foreach ((FailureReason reason, (int count, string first)) in unread) complain($"{collector}: {count} series cannot be read ({CollectorStatus.Words(reason)}), the first is {first}");
    }
}
