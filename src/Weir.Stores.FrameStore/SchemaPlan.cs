using Weir.Contracts;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>Which series of one host and schema are wanted, and what the hot index has of them. Copied out under the lock, so reading needs none.</summary>
internal sealed class SchemaPlan(Schema schema, int[] series)
{
    /// <summary>The schema.</summary>
    public Schema Schema { get; } = schema;

    /// <summary>Labels of its series.</summary>
    public SchemaLabels Labels { get; } = SchemaLabels.Of(schema);

    /// <summary>The series wanted.</summary>
    public int[] Series { get; } = series;

    /// <summary>The hot group; null where only parts know the schema.</summary>
    public HotGroup? Group { get; private set; }

    /// <summary>Frames to be read; with <see cref="Latest"/> those that came after it.</summary>
    public List<FrameRef> Frames { get; } = [];

    /// <summary>The longest time that any of the frames spans, ms.</summary>
    public long LongestMs { get; private set; }

    /// <summary>Newest values that are known already and hold for the selection.</summary>
    public LatestValues? Latest { get; private set; }

    /// <summary>The group's version at the time of planning.</summary>
    public int Version { get; private set; }

    /// <summary>Whether nothing in the group is newer than what is asked for: newest values may be kept.</summary>
    public bool ReachesNewest { get; private set; }

    /// <summary>Copies out what a hot group has.</summary>
    public void Take(HotGroup group, SeriesSelection selection)
    {
        Group = group;
        Version = group.Version;
        ReachesNewest = group.NewestMs <= selection.ToMs;
        if (selection.LatestOnly && ReachesNewest && group.Latest is { } latest && latest.FromMs <= selection.FromMs)
        {
            Latest = latest;
            group.CollectUnfolded(Frames);
        }
        else
        {
            group.Collect(selection.FromMs, selection.ToMs, Frames);
        }

        foreach (FrameRef frame in Frames) LongestMs = Math.Max(LongestMs, frame.LastMs - frame.FirstMs);
    }
}
