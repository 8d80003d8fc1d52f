using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Frames;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Reads the wanted series of one host out of parts: one directory, and of its blocks only those that hold one of them.</summary>
/// <remarks>Serves one call; keeps a handle per part until disposed.</remarks>
internal sealed class PartRead(FrameStore store, SeriesSelection selection) : IDisposable
{
    private readonly Dictionary<Part, PartReader> _readers = [];
    private readonly StripDecoder _decoder = new();
    private double[] _values = [];
    private byte[] _present = [];
    private long[] _times = [];

    /// <summary>Fills columns from one row.</summary>
    /// <param name="host">The host.</param>
    /// <param name="part">The part.</param>
    /// <param name="row">Its row of the host.</param>
    /// <param name="columns">Columns by schema, in the order of the plan's series.</param>
    /// <param name="cancellationToken">Looked at between blocks.</param>
    public void Fill(HostPlan host, Part part, in PartRow row, Dictionary<Schema, SeriesColumn[]> columns, CancellationToken cancellationToken)
    {
        if (selection.LatestOnly && IsAnswered(host, part, row, columns)) return;
        try
        {
            PartReader reader = ReaderOf(part);
            if (reader.TryReadDirectory(row) is not { } directory)
            {
                Report(host, part, PartDamage.Directory, row.Offset);
                return;
            }

            foreach (PartGroup group in directory.Groups)
            {
                if (!host.Schemas.TryGetValue(part.Schemas[group.SchemaIndex], out SchemaPlan? plan)) continue;
                foreach (PartStrip strip in group.Strips)
                    if (strip.Covers(selection.FromMs, selection.ToMs)) FillStrip(host, reader, strip, plan, columns[plan.Schema], cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(host, part, PartDamage.Unreadable, row.Offset);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PartReader reader in _readers.Values) reader.Dispose();
    }

    // Whether every wanted series that the row may hold has a newer value already.
    private static bool IsAnswered(HostPlan host, Part part, in PartRow row, Dictionary<Schema, SeriesColumn[]> columns)
    {
        long newestMs = part.Info.HourMs + row.NewestMs;
        foreach (int index in part.SchemasOf(row))
        {
            if (!host.Schemas.TryGetValue(part.Schemas[index], out SchemaPlan? plan)) continue;
            foreach (SeriesColumn column in columns[plan.Schema])
                if (column.NewestMs <= newestMs) return false;
        }

        return true;
    }

    private void FillStrip(HostPlan host, PartReader reader, PartStrip strip, SchemaPlan plan, SeriesColumn[] columns, CancellationToken cancellationToken)
    {
        foreach (PartBlock block in strip.Blocks)
        {
            if (!HoldsAny(block, plan.Series)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            int cells = block.Series.Length * strip.Ticks;
            if (_values.Length < cells) (_values, _present) = (new double[cells], new byte[cells]);
            if (!reader.TryDecodeBlock(_decoder, strip, block, _values, _present))
            {
                Report(host, reader.Part, PartDamage.Block, block.Offset);
                continue;
            }

            store.Metrics.SamplesDecoded(cells);
            ReadTimes(strip);
            for (int i = 0; i < block.Series.Length; i++)
            {
                int wanted = Array.BinarySearch(plan.Series, block.Series[i]);
                if (wanted < 0) continue;
                Hide(host, reader.Part, plan.Schema.SeriesHashes[block.Series[i]], _present.AsSpan(i * strip.Ticks, strip.Ticks));
                FillColumn(strip, columns[wanted], i * strip.Ticks);
            }
        }
    }

    private void FillColumn(PartStrip strip, SeriesColumn column, int cell)
    {
        if (selection.LatestOnly)
        {
            for (int at = strip.Axis.Length - 1, end = strip.Ticks; at >= 0; end -= strip.Axis[at].Ticks, at--)
            {
                int first = end - strip.Axis[at].Ticks;
                column.AppendNewest(Times(first, end), Values(cell, first, end), Present(cell, first, end), selection.FromMs, selection.ToMs, strip.Axis[at].Rank);
            }

            return;
        }

        int start = 0;
        foreach (AxisFrame frame in strip.Axis)
        {
            int end = start + frame.Ticks;
            if (frame.FirstMs <= selection.ToMs && frame.LastMs >= selection.FromMs)
                column.Append(Times(start, end), Values(cell, start, end), Present(cell, start, end), selection.FromMs, selection.ToMs, frame.Rank);
            start = end;
        }
    }

    private ReadOnlySpan<long> Times(int first, int end) => _times.AsSpan(first, end - first);

    private ReadOnlySpan<double> Values(int cell, int first, int end) => _values.AsSpan(cell + first, end - first);

    private ReadOnlySpan<byte> Present(int cell, int first, int end) => _present.AsSpan(cell + first, end - first);

    // Both lists are short or sorted: a block's series against the wanted ones.
    private static bool HoldsAny(in PartBlock block, int[] wanted)
    {
        foreach (int series in block.Series)
            if (Array.BinarySearch(wanted, series) >= 0) return true;
        return false;
    }

    private void ReadTimes(PartStrip strip)
    {
        if (_times.Length < strip.Ticks) _times = new long[strip.Ticks];
        strip.CopyTimes(_times);
    }

    private void Hide(HostPlan host, Part part, ulong seriesHash, Span<byte> present)
    {
        foreach (Exclusion exclusion in part.Info.Exclusions)
        {
            if (exclusion.Agent == host.Agent && exclusion.Tenant == host.Tenant && exclusion.Concerns(seriesHash)) exclusion.Hide(_times, present);
        }
    }

    private PartReader ReaderOf(Part part)
    {
        if (!_readers.TryGetValue(part, out PartReader? reader)) _readers[part] = reader = new PartReader(part);
        return reader;
    }

    private void Report(HostPlan host, Part part, PartDamage damage, long offset)
    {
        store.Metrics.BlockDamaged();
        selection.Gaps?.Add(FormattableString.Invariant($"the bytes at {offset} of part {part.Info.Number} of partition {host.Partition.Number} ({damage})"));
        store.Logger.BlockDamaged(host.Partition.Number, part.Path, damage, host.Agent.ToString());
    }
}
