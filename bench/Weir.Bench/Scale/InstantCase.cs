using Weir.Bench.Replay;
using Weir.Query;

namespace Weir.Bench.Scale;

/// <summary>Instant queries of one metric over hot hosts: each after every host has sent another frame, and once more.</summary>
internal sealed class InstantCase(RecordingRows rows, ScaleSettings settings)
{
    private const int Hosts = 1000;

    // The first queries compile.
    private const int WarmUp = 20;

    public async Task<InstantResult> RunAsync(string directory, CancellationToken cancellationToken)
    {
        await using FleetStorage storage = await FleetStorage.OpenAsync(directory);
        var fleet = new FleetLog(storage.Log, Hosts);
        using var host = new SampleHost(rows, settings.Ticks, SampleHost.Midnight);
        await fleet.AppendAsync(host.Opening, host.NextMs, cancellationToken);
        await fleet.AppendAsync(host.Next(settings.HotSeconds), host.NextMs, cancellationToken);
        string query = rows.Series.GroupBy(static series => series.Name).First(static metric => metric.Count() == 1).Key;
        var engine = new QueryEngine(storage.Store, new QueryOptions());
        var fresh = new List<Took>();
        var again = new List<Took>();
        for (int i = -WarmUp; i < settings.Queries; i++)
        {
            await fleet.AppendAsync(host.Next(settings.Ticks), host.NextMs, cancellationToken);
            await storage.Writer.CatchUpAsync(cancellationToken);
            Took first = await AskAsync(engine, query, host.NextMs, cancellationToken);
            Took second = await AskAsync(engine, query, host.NextMs, cancellationToken);
            if (i < 0) continue;
            fresh.Add(first);
            again.Add(second);
        }

        return new InstantResult { Query = query, Hosts = Hosts, Fresh = Percentiles.Of(fresh), Again = Percentiles.Of(again) };
    }

    private static async Task<Took> AskAsync(QueryEngine engine, string query, long timeMs, CancellationToken cancellationToken)
    {
        (Took took, QueryResult result) = await Took.MeasureAsync(
            () => new ValueTask<QueryResult>(engine.InstantAsync(FleetLog.Tenant, query, timeMs, lookbackMs: null, cancellationToken)));
        return result.Series.Count == Hosts ? took : throw new InvalidDataException($"{query} answered {result.Series.Count} series for {Hosts} hosts");
    }
}
