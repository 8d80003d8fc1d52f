using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>Carries out a plan: reads frames from the log, decodes them and puts series together.</summary>
/// <remarks>Serves one call. A frame that cannot be read or does not decode is left out and counted; its neighbours are answered.</remarks>
internal sealed class SeriesRead(SeriesSelection selection, FrameStoreMetrics metrics) : IDisposable
{
    private readonly FrameDecoder _decoder = new();
    private readonly DecodedFrame _frame = new();
    private byte[] _buffer = [];

    /// <summary>Reads everything.</summary>
    public List<SeriesSamples> Run(List<GroupPlan> plans, CancellationToken cancellationToken)
    {
        var results = new List<SeriesSamples>();
        foreach (IGrouping<object, GroupPlan> host in plans.GroupBy(static plan => plan.Host))
        {
            GroupPlan[] groups = [.. host];
            if (groups.Length == 1) ReadAlone(groups[0], results, cancellationToken);
            else ReadTogether(groups, results, cancellationToken);
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private void ReadAlone(GroupPlan plan, List<SeriesSamples> results, CancellationToken cancellationToken)
    {
        var columns = new SeriesColumn[plan.Series.Length];
        for (int i = 0; i < columns.Length; i++) columns[i] = new SeriesColumn();
        Fill(plan, columns, cancellationToken);
        for (int i = 0; i < columns.Length; i++) Emit(plan.LabelsOf(plan.Series[i]), columns[i], results);
    }

    // After a device came or went, the same series stands under two schemas: put together by labels.
    private void ReadTogether(GroupPlan[] groups, List<SeriesSamples> results, CancellationToken cancellationToken)
    {
        var byLabels = new Dictionary<Labels, SeriesColumn>();
        foreach (GroupPlan plan in groups)
        {
            var columns = new SeriesColumn[plan.Series.Length];
            for (int i = 0; i < columns.Length; i++)
            {
                Labels labels = plan.LabelsOf(plan.Series[i]);
                if (!byLabels.TryGetValue(labels, out SeriesColumn? column)) byLabels[labels] = column = new SeriesColumn();
                columns[i] = column;
            }

            Fill(plan, columns, cancellationToken);
        }

        foreach ((Labels labels, SeriesColumn column) in byLabels) Emit(labels, column, results);
    }

    private void Fill(GroupPlan plan, SeriesColumn[] columns, CancellationToken cancellationToken)
    {
        if (selection.LatestOnly)
        {
            FillLatest(plan, columns, cancellationToken);
            return;
        }

        foreach (FrameRef frame in plan.Frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryDecode(plan, frame)) continue;
            for (int i = 0; i < columns.Length; i++) AppendColumn(columns[i], plan.Series[i], frame);
        }
    }

    private void FillLatest(GroupPlan plan, SeriesColumn[] columns, CancellationToken cancellationToken)
    {
        LatestValues latest = plan.Latest ?? DecodeLatest(plan, cancellationToken);
        Span<byte> present = [1];
        for (int i = 0; i < columns.Length; i++)
        {
            int series = plan.Series[i];
            if (latest.TimesMs[series] != LatestValues.None)
                columns[i].Append([latest.TimesMs[series]], [latest.Values[series]], present, selection.FromMs, selection.ToMs, default);
        }
    }

    // Frames come newest first. Only the newest few are decoded: a series that has been missing longer has no latest value.
    private LatestValues DecodeLatest(GroupPlan plan, CancellationToken cancellationToken)
    {
        var latest = new LatestValues(new long[plan.Schema.SeriesCount], new double[plan.Schema.SeriesCount]);
        Array.Fill(latest.TimesMs, LatestValues.None);
        foreach (FrameRef frame in plan.Frames)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryDecode(plan, frame)) continue;
            ReadOnlySpan<long> times = _frame.TimesMs;
            bool complete = true;
            for (int s = 0; s < latest.TimesMs.Length; s++)
            {
                ReadOnlySpan<byte> present = _frame.Present(s);
                for (int t = times.Length - 1; t >= 0 && times[t] > latest.TimesMs[s]; t--)
                {
                    if (present[t] == 0 || times[t] > selection.ToMs) continue;
                    latest.TimesMs[s] = times[t];
                    latest.Values[s] = _frame.Values(s)[t];
                }

                complete &= latest.TimesMs[s] != LatestValues.None;
            }

            if (complete) break;
        }

        if (plan.NewestMs <= selection.ToMs) plan.Partition.RememberLatest(plan.Group, latest, plan.FrameCount, plan.NewestMs);
        return latest;
    }

    private void AppendColumn(SeriesColumn column, int series, in FrameRef frame) =>
        column.Append(_frame.TimesMs, _frame.Values(series), _frame.Present(series), selection.FromMs, selection.ToMs, frame.Rank);

    private bool TryDecode(GroupPlan plan, in FrameRef frame)
    {
        if (_buffer.Length < frame.Length) _buffer = new byte[Math.Max(frame.Length, 64 * 1024)];
        Span<byte> bytes = _buffer.AsSpan(0, frame.Length);
        if (!plan.Partition.Log(frame.LogClass).TryReadAt(frame.Position, bytes))
        {
            metrics.FrameUnreadable("log");
            return false;
        }

        EntryError error = EntryHeader.TryRead(bytes, out EntryHeader header);
        if (error == EntryError.None) error = _decoder.Decode(bytes, header, plan.Schema, baseline: null, _frame);
        if (error != EntryError.None)
        {
            metrics.FrameUnreadable(error.ToString());
            return false;
        }

        metrics.SamplesDecoded(header.SampleCount);
        return true;
    }

    private void Emit(Labels labels, SeriesColumn column, List<SeriesSamples> results)
    {
        (long[] times, double[] values) = column.Finish();
        if (times.Length == 0) return;
        metrics.SamplesReturned(times.Length);
        results.Add(selection.LatestOnly ? new SeriesSamples(labels, [times[^1]], [values[^1]]) : new SeriesSamples(labels, times, values));
    }
}
