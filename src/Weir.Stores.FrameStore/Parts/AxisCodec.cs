using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Writes and reads the axis of a strip: three lists of runs, so that frames that come as expected cost nothing.</summary>
/// <remarks>
/// Shapes: (frames, gap, interval, ticks) where the gap is counted from where the next tick of the frame before was due.
/// Origins: (frames, generation, start number, epoch). Seqs: (frames, step from the frame before).
/// </remarks>
internal static class AxisCodec
{
    /// <summary>Appends an axis.</summary>
    public static void Write(ByteWriter target, ReadOnlySpan<AxisFrame> axis, long hourMs)
    {
        target.Varint((ulong)axis.Length);
        WriteShapes(target, axis, hourMs);
        for (int at = 0, next; at < axis.Length; at = next)
        {
            FrameRank rank = axis[at].Rank;
            for (next = at + 1; next < axis.Length && SameOrigin(axis[next].Rank, rank); next++) { }
            target.Varint((ulong)(next - at));
            target.Varint(rank.ClockGeneration);
            target.Varint(rank.StartNumber);
            target.U64(rank.Epoch);
        }

        ulong seq = 0;
        for (int at = 0, next; at < axis.Length; at = next)
        {
            ulong step = axis[at].Rank.Seq - seq;
            seq = axis[at].Rank.Seq;
            for (next = at + 1; next < axis.Length && axis[next].Rank.Seq - seq == step; next++) seq = axis[next].Rank.Seq;
            target.Varint((ulong)(next - at));
            target.SignedVarint((long)step);
        }
    }

    /// <summary>Reads an axis; null where it is malformed or leaves the hour.</summary>
    public static AxisFrame[]? TryRead(ref ByteReader reader, long hourMs, out int ticks)
    {
        ticks = 0;
        var axis = new AxisFrame[reader.Count(PartFormat.MaxStripTicks)];
        if (reader.Failed || !TryReadShapes(ref reader, axis, hourMs, out ticks)) return null;
        for (int at = 0; at < axis.Length;)
        {
            int run = reader.Count(axis.Length - at);
            ulong generation = reader.Varint(), start = reader.Varint(), epoch = reader.U64();
            if (run == 0 || generation > uint.MaxValue || start > uint.MaxValue) return null;
            for (int end = at + run; at < end; at++) axis[at] = axis[at] with { Rank = new FrameRank((uint)generation, (uint)start, 0, epoch) };
        }

        ulong seq = 0;
        for (int at = 0; at < axis.Length;)
        {
            int run = reader.Count(axis.Length - at);
            ulong step = (ulong)reader.SignedVarint();
            if (run == 0) return null;
            for (int end = at + run; at < end; at++)
            {
                seq += step;
                axis[at] = axis[at] with { Rank = axis[at].Rank with { Seq = seq } };
            }
        }

        return reader.Failed || axis.Length == 0 ? null : axis;
    }

    private static void WriteShapes(ByteWriter target, ReadOnlySpan<AxisFrame> axis, long hourMs)
    {
        long due = hourMs;
        for (int at = 0, next; at < axis.Length; at = next)
        {
            AxisFrame first = axis[at];
            long gap = first.FirstMs - due;
            due = first.LastMs + first.IntervalMs;
            for (next = at + 1; first.Times is null && next < axis.Length && IsNext(axis[next], first, due); next++) due = axis[next].LastMs + first.IntervalMs;
            target.Varint(((ulong)(next - at) << 1) | (first.Times is null ? 0UL : 1UL));
            target.SignedVarint(gap);
            target.Varint((ulong)first.Ticks);
            if (first.Times is null)
            {
                target.Varint((ulong)first.IntervalMs);
                continue;
            }

            for (int t = 1; t < first.Ticks; t++) target.Varint((ulong)(first.Times[t] - first.Times[t - 1]));
        }
    }

    private static bool TryReadShapes(ref ByteReader reader, AxisFrame[] axis, long hourMs, out int ticks)
    {
        ticks = 0;
        long due = hourMs;
        for (int at = 0; at < axis.Length;)
        {
            ulong head = reader.Varint();
            bool isExplicit = (head & 1) != 0;
            ulong run = head >> 1;
            long gap = reader.SignedVarint();
            int frameTicks = reader.Count(PartFormat.MaxStripTicks);
            if (reader.Failed || run == 0 || run > (ulong)(axis.Length - at) || (isExplicit && run != 1) || frameTicks == 0) return false;
            if (gap is < -2 * PartFormat.HourMs or > 2 * PartFormat.HourMs || (long)ticks + ((long)run * frameTicks) > PartFormat.MaxStripTicks) return false;
            int interval = isExplicit ? 0 : reader.Count((int)PartFormat.HourMs);
            if (!isExplicit && interval == 0 && frameTicks > 1) return false;
            for (int end = at + (int)run; at < end; at++)
            {
                long first = due + gap;
                gap = 0;
                long[]? times = isExplicit ? TryReadTimes(ref reader, first, frameTicks) : null;
                if (isExplicit && times is null) return false;
                axis[at] = new AxisFrame(first, interval, frameTicks, times, default);
                long last = axis[at].LastMs;
                if (first < hourMs || last >= hourMs + PartFormat.HourMs) return false;
                due = last + interval;
                ticks += frameTicks;
            }
        }

        return !reader.Failed;
    }

    private static long[]? TryReadTimes(ref ByteReader reader, long first, int ticks)
    {
        var times = new long[ticks];
        times[0] = first;
        for (int t = 1; t < ticks; t++)
        {
            int step = reader.Count((int)PartFormat.HourMs);
            if (step == 0) return null;
            times[t] = times[t - 1] + step;
        }

        return times;
    }

    private static bool IsNext(in AxisFrame frame, in AxisFrame first, long due) =>
        frame.FirstMs == due && frame.Times is null && frame.IntervalMs == first.IntervalMs && frame.Ticks == first.Ticks;

    private static bool SameOrigin(FrameRank a, FrameRank b) =>
        a.ClockGeneration == b.ClockGeneration && a.StartNumber == b.StartNumber && a.Epoch == b.Epoch;
}
