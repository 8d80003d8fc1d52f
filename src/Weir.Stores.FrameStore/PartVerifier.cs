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
                    PartDamage damage = VerifyGroup(reader, group);
                    if (damage != PartDamage.None) found.Add((host, damage));
                }
            }

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

    private static PartDamage VerifyGroup(PartReader reader, PartGroup group)
    {
        Schema schema = reader.Part.Schemas[group.SchemaIndex];
        var decoder = new StripDecoder();
        var sums = new WindowSums();
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

        // A window without samples may be declared or not.
        return sums.ToArray().SequenceEqual(group.Windows.Where(static window => window.Samples > 0)) ? PartDamage.None : PartDamage.Digest;
    }
}
