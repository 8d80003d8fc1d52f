using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>One group to be read: which frames and which of its series. Copied out under the lock, so reading needs none.</summary>
internal sealed record GroupPlan(
    FrameStorePartition Partition, HotGroup Group, Schema Schema, SchemaLabels Labels, Label[] HostLabels, int[] Series, FrameRef[] Frames)
{
    /// <summary>Identifies the host: groups of one host share it.</summary>
    public required object Host { get; init; }

    /// <summary>Newest values at the time of planning, if they are known.</summary>
    public LatestValues? Latest { get; init; }

    /// <summary>Frames in the group at the time of planning.</summary>
    public int FrameCount { get; init; }

    /// <summary>Newest sample of the group at the time of planning.</summary>
    public long NewestMs { get; init; }

    /// <summary>The identity of one of the series: its own labels and the host's; the host's win.</summary>
    public Labels LabelsOf(int series)
    {
        var all = new List<Label>(HostLabels);
        foreach (Label label in Labels.Series[series])
            if (!HostLabels.Any(host => string.Equals(host.Name, label.Name, StringComparison.Ordinal))) all.Add(label);
        return Contracts.Labels.From(all);
    }
}

/// <summary>Finds what a selection has to read.</summary>
internal static class SeriesReadPlan
{
    // Bits of the mask that names which matchers a host left undecided.
    private const int MaxMatchers = 64;

    // A newest value may stand a few frames back where a series was missing since; one further back is found by reading the range.
    private const int NewestFrames = 4;

    /// <summary>Plans a read.</summary>
    /// <exception cref="ReadLimitException">More series, samples or matchers than allowed.</exception>
    public static List<GroupPlan> Make(IEnumerable<FrameStorePartition> partitions, SeriesSelection selection)
    {
        if (selection.Matchers.Count > MaxMatchers) throw new ReadLimitException("matchers", MaxMatchers);
        var plans = new List<GroupPlan>();
        var matches = new Dictionary<(SchemaLabels, ulong), int[]>();
        long series = 0, samples = 0;
        foreach (FrameStorePartition partition in partitions)
        {
            partition.VisitHosts(selection.Tenant, host =>
            {
                if (!MeetsHost(host.Labels, selection.Matchers, out List<LabelMatcher> rest, out ulong mask)) return;
                foreach (HotGroup group in host.Groups)
                {
                    if (!group.Covers(selection.FromMs, selection.ToMs)) continue;
                    if (!matches.TryGetValue((group.Labels, mask), out int[]? matched)) matches[(group.Labels, mask)] = matched = group.Labels.Match(rest);
                    if (matched.Length == 0) continue;
                    GroupPlan plan = Plan(partition, host, group, matched, selection);
                    plans.Add(plan);
                    series += matched.Length;
                    if (series > selection.MaxSeries) throw new ReadLimitException("series", selection.MaxSeries);
                    foreach (FrameRef frame in plan.Frames) samples += selection.LatestOnly ? 0 : (long)frame.Ticks * matched.Length;
                    if (samples > selection.MaxSamples) throw new ReadLimitException("samples", selection.MaxSamples);
                }
            });
        }

        return plans;
    }

    private static GroupPlan Plan(FrameStorePartition partition, HotHost host, HotGroup group, int[] matched, SeriesSelection selection)
    {
        var frames = new List<FrameRef>();
        // The kept newest values answer when the range ends behind them.
        bool useLatest = selection.LatestOnly && group.NewestMs <= selection.ToMs && group.Latest is not null;
        if (!useLatest && selection.LatestOnly) group.CollectNewest(selection.FromMs, selection.ToMs, NewestFrames, frames);
        else if (!useLatest) group.Collect(selection.FromMs, selection.ToMs, frames);
        return new GroupPlan(partition, group, group.Schema, group.Labels, host.Labels, matched, [.. frames])
        {
            Host = host,
            Latest = useLatest ? group.Latest : null,
            FrameCount = group.FrameCount,
            NewestMs = group.NewestMs,
        };
    }

    // Splits the matchers: those on a label of the host are decided here, the rest per series. The mask names the rest.
    private static bool MeetsHost(Label[] hostLabels, IReadOnlyList<LabelMatcher> matchers, out List<LabelMatcher> rest, out ulong mask)
    {
        rest = [];
        mask = 0;
        for (int i = 0; i < matchers.Count; i++)
        {
            LabelMatcher matcher = matchers[i];
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
