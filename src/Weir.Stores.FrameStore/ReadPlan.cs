using Weir.Contracts;
using Weir.Frames;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Finds what a selection has to read, and keeps it from being unlinked until disposed.</summary>
internal sealed class ReadPlan : IDisposable
{
    // Bits of the mask that names which matchers a host left undecided.
    private const int MaxMatchers = 64;

    private readonly SeriesSelection _selection;
    private readonly List<IDisposable> _leases = [];
    private readonly Dictionary<(Schema, ulong), int[]> _matches = [];
    private long _series;

    private ReadPlan(SeriesSelection selection) => _selection = selection;

    /// <summary>The hosts to be read.</summary>
    public List<HostPlan> Hosts { get; } = [];

    /// <summary>Plans a read.</summary>
    /// <exception cref="ReadLimitException">More series or matchers than allowed.</exception>
    public static ReadPlan Make(IEnumerable<FrameStorePartition> partitions, SeriesSelection selection)
    {
        if (selection.Matchers.Count > MaxMatchers) throw new ReadLimitException("matchers", MaxMatchers);
        var plan = new ReadPlan(selection);
        try
        {
            foreach (FrameStorePartition partition in partitions)
                plan._leases.Add(partition.BeginRead(selection.Tenant, (host, parts) => plan.Take(partition, host, parts)));
            return plan;
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable lease in _leases) lease.Dispose();
    }

    private void Take(FrameStorePartition partition, HotHost host, IReadOnlyList<Part> parts)
    {
        if (!MeetsHost(host.Labels, out List<LabelMatcher> rest, out ulong mask)) return;
        var plan = new HostPlan(partition, host);
        foreach (HotGroup group in host.Groups)
        {
            if (!group.Covers(_selection.FromMs, _selection.ToMs) || SchemaOf(plan, group.Schema, rest, mask) is not { } schema) continue;
            schema.Take(group, _selection);
        }

        foreach (Part part in parts)
            if (part.Info.FirstMs <= _selection.ToMs && part.Info.LastMs >= _selection.FromMs) TakeRows(plan, part, host.Ordinal, rest, mask);
        if (_series > _selection.MaxSeries) throw new ReadLimitException("series", _selection.MaxSeries);
        if (plan.Schemas.Count > 0) Hosts.Add(plan);
    }

    private void TakeRows(HostPlan plan, Part part, int host, List<LabelMatcher> rest, ulong mask)
    {
        foreach (PartRow row in part.RowsOf(host))
        {
            if (part.Info.HourMs + row.NewestMs < _selection.FromMs) continue;
            bool isWanted = false;
            foreach (int index in part.SchemasOf(row)) isWanted |= SchemaOf(plan, part.Schemas[index], rest, mask) is not null;
            if (isWanted) plan.Rows.Add((part, row));
        }
    }

    private SchemaPlan? SchemaOf(HostPlan plan, Schema schema, List<LabelMatcher> rest, ulong mask)
    {
        if (plan.Schemas.TryGetValue(schema, out SchemaPlan? known)) return known;
        if (!_matches.TryGetValue((schema, mask), out int[]? matched)) _matches[(schema, mask)] = matched = SchemaLabels.Of(schema).Match(rest);
        if (matched.Length == 0) return null;
        _series += matched.Length;
        return plan.Schemas[schema] = new SchemaPlan(schema, matched);
    }

    // Splits the matchers: those on a label of the host are decided here, the rest per series. The mask names the rest.
    private bool MeetsHost(Label[] hostLabels, out List<LabelMatcher> rest, out ulong mask)
    {
        rest = [];
        mask = 0;
        for (int i = 0; i < _selection.Matchers.Count; i++)
        {
            LabelMatcher matcher = _selection.Matchers[i];
            int at = Array.FindIndex(hostLabels, label => string.Equals(label.Name, matcher.Name, StringComparison.Ordinal));
            if (at < 0)
            {
                rest.Add(matcher);
                mask |= 1UL << i;
            }
            else if (!matcher.Matches(hostLabels[at].Value))
            {
                return false;
            }
        }

        return true;
    }
}
