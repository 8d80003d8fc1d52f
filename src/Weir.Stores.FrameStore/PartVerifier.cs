using Weir.Frames;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Reads all of a part and compares samples and digests with what is declared.</summary>
internal static class PartVerifier
{
    /// <summary>What is damaged, and of which agent.</summary>
    public static List<(string? Host, PartDamage Damage)> Verify(FrameStorePartition partition, Part part, CancellationToken cancellationToken)
    {
        var found = new List<(string? Host, PartDamage Damage)>();
        if (part.Damage != PartDamage.None)
        {
            found.Add((null, part.Damage));
            return found;
        }

        using var reader = new PartReader(part);
        try
        {
            long samples = 0;
            ulong digest = 0;
            OpenGroup? open = null;
            foreach (PartRow row in part.Rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string host = partition.Visit(row.Host, static hot => hot.Agent.ToString());
                if (reader.TryReadDirectory(row) is not { } directory)
                {
                    found.Add((host, PartDamage.Directory));
                    continue;
                }

                foreach (PartGroup group in directory.Groups)
                {
                    samples += group.Windows.Sum(static window => window.Samples);
                    foreach (WindowSum window in group.Windows) digest += window.Digest;
                    if (open is null || !open.IsContinuedBy(row, group))
                    {
                        open?.Close(found);
                        open = new OpenGroup(row.Host, host, group);
                    }

                    if (open.Damage == PartDamage.None) open.Damage = Add(reader, group, open.Sums);
                }
            }

            open?.Close(found);
            if (found.Count == 0 && (samples != part.Info.Samples || digest != part.Info.Digest)) found.Add((null, PartDamage.Digest));
            if (reader.TryReadUnreadableFrames() is not { } frames || frames.Any(frame => reader.TryReadUnreadableFrame(frame) is null))
                found.Add((null, PartDamage.UnreadableFrames));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            found.Add((null, PartDamage.Unreadable));
        }

        return found;
    }

    private static PartDamage Add(PartReader reader, PartGroup group, WindowSums sums)
    {
        Schema schema = reader.Part.Schemas[group.SchemaIndex];
        var decoder = new StripDecoder();
        foreach (PartStrip strip in group.Strips)
        {
            var times = new long[strip.Ticks];
            int tick = 0;
            foreach (AxisFrame frame in strip.Axis)
            {
                frame.CopyTimes(times.AsSpan(tick, frame.Ticks));
                tick += frame.Ticks;
            }

            foreach (PartBlock block in strip.Blocks)
            {
                var values = new double[block.Series.Length * strip.Ticks];
                var present = new byte[values.Length];
                if (!reader.TryDecodeBlock(decoder, strip, block, values, present)) return PartDamage.Block;
                for (int i = 0; i < block.Series.Length; i++)
                {
                    int cell = i * strip.Ticks;
                    sums.Add(schema.SeriesHashes[block.Series[i]], times, values.AsSpan(cell, strip.Ticks), present.AsSpan(cell, strip.Ticks), reader.Part.Info.HourMs);
                }
            }
        }

        return PartDamage.None;
    }

    /// <summary>A group as far as it has been read: one that fills a directory goes on in the next, and its first piece declares the sums of all.</summary>
    private sealed class OpenGroup(int host, string name, PartGroup first)
    {
        /// <summary>What was found in its strips.</summary>
        public WindowSums Sums { get; } = new();

        /// <summary>What is wrong with one of them.</summary>
        public PartDamage Damage { get; set; }

        /// <summary>Whether a group is another piece of this one.</summary>
        public bool IsContinuedBy(in PartRow row, PartGroup group) => row.Host == host && group.SchemaIndex == first.SchemaIndex && group.Windows.Count == 0;

        /// <summary>No piece follows: compares.</summary>
        public void Close(List<(string? Host, PartDamage Damage)> found)
        {
            // A window without samples may be declared or not.
            if (Damage == PartDamage.None && !Sums.ToArray().SequenceEqual(first.Windows.Where(static window => window.Samples > 0))) Damage = PartDamage.Digest;
            if (Damage != PartDamage.None) found.Add((name, Damage));
        }
    }
}
