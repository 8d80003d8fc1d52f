using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Frames;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Carries out a plan: reads frames from the log and blocks from parts, and puts series together.</summary>
/// <remarks>Serves one call. What cannot be read or does not decode is left out, counted and named; its neighbours are answered.</remarks>
internal sealed class SeriesRead(FrameStore store, SeriesSelection selection) : IDisposable
{
    private readonly HotFrameReader _frames = new(store.Baselines);
    private readonly PartRead _parts = new(store, selection);
    private readonly Dictionary<Schema, SeriesColumn[]> _columns = [];
    private readonly SampleBudget _budget = new(selection);

    /// <summary>Reads everything.</summary>
    /// <exception cref="ReadLimitException">More samples than allowed.</exception>
    public List<SeriesSamples> Run(List<HostPlan> hosts, CancellationToken cancellationToken)
    {
        var results = new List<SeriesSamples>();
        foreach (HostPlan host in hosts)
        {
            _budget.BeginHost();
            List<(Labels? Labels, SchemaPlan Plan, int Series, SeriesColumn Column)> series = MakeColumns(host);
            if (selection.LatestOnly) FillLatest(host, cancellationToken);
            else Fill(host, cancellationToken);
            foreach ((Labels? labels, SchemaPlan plan, int number, SeriesColumn column) in series) Emit(labels ?? host.LabelsOf(plan, number), column, results);
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frames.Dispose();
        _parts.Dispose();
    }

    // After a device came or went, the same series stands under two schemas: then columns are put together by labels.
    private List<(Labels? Labels, SchemaPlan Plan, int Series, SeriesColumn Column)> MakeColumns(HostPlan host)
    {
        _columns.Clear();
        var all = new List<(Labels?, SchemaPlan, int, SeriesColumn)>();
        Dictionary<Labels, SeriesColumn>? byLabels = host.Schemas.Count > 1 ? [] : null;
        foreach (SchemaPlan plan in host.Schemas.Values)
        {
            var columns = new SeriesColumn[plan.Series.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                Labels? labels = byLabels is null ? null : host.LabelsOf(plan, plan.Series[i]);
                if (labels is not null && byLabels!.TryGetValue(labels, out SeriesColumn? known))
                {
                    columns[i] = known;
                    continue;
                }

                columns[i] = new SeriesColumn(_budget);
                if (labels is not null) byLabels![labels] = columns[i];
                all.Add((labels, plan, plan.Series[i], columns[i]));
            }

            _columns[plan.Schema] = columns;
        }

        return all;
    }

    // Oldest first: samples in order are only appended.
    private void Fill(HostPlan host, CancellationToken cancellationToken)
    {
        foreach ((Part part, PartRow row) in host.Rows) _parts.Fill(host, part, row, _columns, cancellationToken);
        foreach (SchemaPlan plan in host.Schemas.Values) Fill(host, plan, _columns[plan.Schema], cancellationToken);
    }

    // Newest first: what the hot index or a newer part has answered need not be read.
    private void FillLatest(HostPlan host, CancellationToken cancellationToken)
    {
        foreach (SchemaPlan plan in host.Schemas.Values) FillLatest(host, plan, _columns[plan.Schema], cancellationToken);
        for (int i = host.Rows.Count - 1; i >= 0; i--) _parts.Fill(host, host.Rows[i].Part, host.Rows[i].Row, _columns, cancellationToken);
    }

    private void Fill(HostPlan host, SchemaPlan plan, SeriesColumn[] columns, CancellationToken cancellationToken)
    {
        foreach (FrameRef frame in plan.Frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryRead(host, plan.Schema, frame)) continue;
            DecodedFrame decoded = _frames.Frame;
            for (int i = 0; i < columns.Length; i++)
                columns[i].Append(decoded.TimesMs, decoded.Values(plan.Series[i]), decoded.Present(plan.Series[i]), selection.FromMs, selection.ToMs, frame.Rank);
        }
    }

    private void FillLatest(HostPlan host, SchemaPlan plan, SeriesColumn[] columns, CancellationToken cancellationToken)
    {
        if (plan.Group is null) return;
        LatestValues latest = LatestOf(host, plan, cancellationToken);
        Span<byte> present = [1];
        for (int i = 0; i < columns.Length; i++)
        {
            int series = plan.Series[i];
            if (latest.Has(series)) columns[i].AppendNewest([latest.TimeMs(series)], [latest.Value(series)], present, selection.FromMs, selection.ToMs, latest.Rank(series));
        }
    }

    private LatestValues LatestOf(HostPlan host, SchemaPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Latest is { } known && plan.Frames.Count == 0) return known;
        LatestValues latest = plan.Latest?.Copy(selection.ToMs) ?? new LatestValues(plan.Schema.SeriesCount, selection.FromMs, selection.ToMs);
        // Frames stand in the order of their first ticks, and one that began early may end last: only how long any of them lasts says where to stop.
        long oldestMs = long.MinValue, longestMs = plan.LongestMs;
        for (int i = plan.Frames.Count - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FrameRef frame = plan.Frames[i];
            if (plan.Latest is null && frame.FirstMs + longestMs < oldestMs) break;
            if (frame.LastMs < oldestMs || !TryRead(host, plan.Schema, frame)) continue;
            latest.Fold(_frames.Frame, frame.Rank);
            if (latest.Missing == 0) oldestMs = latest.OldestMs;
        }

        if (plan.ReachesNewest) host.Partition.RememberLatest(plan.Group!, latest, plan.Version);
        return latest;
    }

    private bool TryRead(HostPlan host, Schema schema, in FrameRef frame)
    {
        if (_frames.TryRead(host.Partition, schema, frame, out EntryHeader header) is { } reason)
        {
            store.Metrics.FrameUnreadable(reason);
            if (_frames.IsDamaged) host.Partition.FoundDamaged(host.Tenant, host.Agent, frame);
            selection.Gaps?.Add(FormattableString.Invariant($"the frame at {frame.Position} of partition {host.Partition.Number}, {frame.LogClass} ({reason})"));
            return false;
        }

        store.Metrics.SamplesDecoded(header.SampleCount);
        return true;
    }

    private void Emit(Labels labels, SeriesColumn column, List<SeriesSamples> results)
    {
        (long[] times, double[] values) = column.Finish();
        if (times.Length == 0) return;
        _budget.Answer(selection.LatestOnly ? 1 : times.Length);
        store.Metrics.SamplesReturned(selection.LatestOnly ? 1 : times.Length);
        results.Add(selection.LatestOnly ? new SeriesSamples(labels, [times[^1]], [values[^1]]) : new SeriesSamples(labels, times, values));
    }
}
