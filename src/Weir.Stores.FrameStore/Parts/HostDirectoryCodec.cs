using System.Collections;
using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Writes and reads the directory of a host in a part.</summary>
internal static class HostDirectoryCodec
{
    private const int MaxGroups = 1 << 20;

    /// <summary>Appends the head of a group; so many strips follow. The blocks of all strips of a directory stand back to back in the file.</summary>
    public static void WriteGroup(ByteWriter target, int schemaIndex, ReadOnlySpan<WindowSum> windows, int strips)
    {
        target.Varint((ulong)schemaIndex);
        target.Varint((ulong)windows.Length);
        foreach (WindowSum window in windows)
        {
            target.U8((byte)window.Minute);
            target.Varint((ulong)window.Samples);
            target.U64(window.Digest);
        }

        target.Varint((ulong)strips);
    }

    /// <summary>Appends a strip.</summary>
    public static void WriteStrip(ByteWriter target, PartStrip strip, long hourMs)
    {
        AxisCodec.Write(target, strip.Axis, hourMs);
        target.Varint((ulong)strip.Blocks.Length);
        foreach (PartBlock block in strip.Blocks)
        {
            WriteSeries(target, block.Series);
            target.Varint((ulong)block.Length);
            target.U32(block.Crc);
        }
    }

    /// <summary>Reads a directory; null where it is malformed.</summary>
    /// <param name="raw">Its bytes after decompression.</param>
    /// <param name="hourMs">The part's hour.</param>
    /// <param name="schemas">The part's schemas.</param>
    /// <param name="end">Where the blocks of the file end.</param>
    public static HostDirectory? TryRead(ReadOnlySpan<byte> raw, long hourMs, IReadOnlyList<Schema> schemas, long end)
    {
        var reader = new ByteReader(raw);
        ulong start = reader.Varint();
        if (start < PartHeader.Bytes || start > (ulong)end) return null;
        long offset = (long)start;
        var groups = new List<PartGroup>();
        for (int i = reader.Count(MaxGroups); i > 0; i--)
        {
            if (TryReadGroup(ref reader, hourMs, schemas, end, ref offset) is not { } group) return null;
            groups.Add(group);
        }

        return reader.Failed || reader.Remaining != 0 ? null : new HostDirectory(groups);
    }

    private static PartGroup? TryReadGroup(ref ByteReader reader, long hourMs, IReadOnlyList<Schema> schemas, long end, ref long offset)
    {
        int schemaIndex = reader.Count(int.MaxValue);
        if (reader.Failed || schemaIndex >= schemas.Count) return null;
        var windows = new WindowSum[reader.Count(PartFormat.Windows)];
        int before = -1;
        for (int w = 0; w < windows.Length; w++)
        {
            windows[w] = new WindowSum(reader.U8(), (long)reader.Varint(), reader.U64());
            if (windows[w].Minute <= before || windows[w].Minute >= PartFormat.Windows || windows[w].Samples < 0) return null;
            before = windows[w].Minute;
        }

        var strips = new List<PartStrip>();
        for (int i = reader.Count(PartFormat.MaxDirectoryBytes); i > 0; i--)
        {
            if (TryReadStrip(ref reader, hourMs, schemas[schemaIndex].SeriesCount, end, ref offset) is not { } strip) return null;
            strips.Add(strip);
        }

        return reader.Failed ? null : new PartGroup(schemaIndex, windows, strips);
    }

    private static PartStrip? TryReadStrip(ref ByteReader reader, long hourMs, int series, long end, ref long offset)
    {
        if (AxisCodec.TryRead(ref reader, hourMs, out int ticks) is not { } axis || (long)ticks * series > PartFormat.MaxStripCells) return null;
        var blocks = new PartBlock[reader.Count(series)];
        var seen = new BitArray(series);
        int left = series;
        for (int b = 0; b < blocks.Length; b++)
        {
            if (TryReadSeries(ref reader, seen, left) is not { } columns) return null;
            left -= columns.Length;
            int length = reader.Count(int.MaxValue);
            blocks[b] = new PartBlock(columns, offset, length, reader.U32());
            offset += length;
            if (reader.Failed || offset > end) return null;
        }

        return left == 0 ? new PartStrip(axis, ticks, blocks) : null;
    }

    private static void WriteSeries(ByteWriter target, int[] series)
    {
        target.Varint((ulong)series.Length);
        int due = 0;
        for (int at = 0, next; at < series.Length; at = next)
        {
            for (next = at + 1; next < series.Length && series[next] == series[next - 1] + 1; next++) { }
            target.SignedVarint(series[at] - due);
            target.Varint((ulong)(next - at));
            due = series[next - 1] + 1;
        }
    }

    private static int[]? TryReadSeries(ref ByteReader reader, BitArray seen, int left)
    {
        int count = reader.Count(left);
        if (reader.Failed || count == 0) return null;
        var series = new int[count];
        long due = 0;
        for (int at = 0; at < count;)
        {
            long next = due + reader.SignedVarint();
            int run = reader.Count(count - at);
            if (run == 0 || next < 0 || next > seen.Length - run) return null;
            for (int i = 0; i < run; i++)
            {
                if (seen[(int)next]) return null;
                seen[(int)next] = true;
                series[at++] = (int)next++;
            }

            due = next;
        }

        return series;
    }
}
