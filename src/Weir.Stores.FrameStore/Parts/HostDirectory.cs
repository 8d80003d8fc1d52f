namespace Weir.Stores.FrameStore.Parts;

/// <summary>What a part holds of one host, or of a share of its groups.</summary>
/// <param name="Groups">Its groups.</param>
internal sealed record HostDirectory(IReadOnlyList<PartGroup> Groups);

/// <summary>What a part holds of one host and schema.</summary>
/// <param name="SchemaIndex">Index of the schema among the part's.</param>
/// <param name="Windows">Samples and digest per window, in order of time.</param>
/// <param name="Strips">Strips in order of their first frames.</param>
internal sealed record PartGroup(int SchemaIndex, IReadOnlyList<WindowSum> Windows, IReadOnlyList<PartStrip> Strips);

/// <summary>The samples of one window: what the ledger compares with what the agent declared.</summary>
/// <param name="Minute">Minute within the hour, 0 to 59.</param>
/// <param name="Samples">How many, superseded ones among them.</param>
/// <param name="Digest">The sum of their digests.</param>
internal readonly record struct WindowSum(int Minute, long Samples, ulong Digest);

/// <summary>A strip: the columns of one host and schema over a stretch of ticks.</summary>
/// <param name="Axis">The frames it was made from, in order of time and rank.</param>
/// <param name="Ticks">Their ticks together.</param>
/// <param name="Blocks">Its blocks; every series stands in one.</param>
internal sealed record PartStrip(AxisFrame[] Axis, int Ticks, PartBlock[] Blocks)
{
    /// <summary>Time of the first tick.</summary>
    public long FirstMs => Axis[0].FirstMs;

    /// <summary>The latest time of any tick.</summary>
    public long LastMs
    {
        get
        {
            long last = 0;
            foreach (AxisFrame frame in Axis) last = Math.Max(last, frame.LastMs);
            return last;
        }
    }

    /// <summary>Writes the times of all ticks.</summary>
    public void CopyTimes(Span<long> target)
    {
        int tick = 0;
        foreach (AxisFrame frame in Axis)
        {
            frame.CopyTimes(target.Slice(tick, frame.Ticks));
            tick += frame.Ticks;
        }
    }

    /// <summary>Whether any frame covers some of a range.</summary>
    public bool Covers(long fromMs, long toMs)
    {
        foreach (AxisFrame frame in Axis)
            if (frame.FirstMs <= toMs && frame.LastMs >= fromMs) return true;
        return false;
    }
}

/// <summary>A block: columns that are decoded together.</summary>
/// <param name="Series">Its series, in the order of its columns.</param>
/// <param name="Offset">Where it stands in the file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Crc">CRC-32C of its bytes.</param>
internal readonly record struct PartBlock(int[] Series, long Offset, int Length, uint Crc);
