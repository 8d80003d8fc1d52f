namespace Weir.Frames.Tests;

/// <summary>Every constant of <see cref="FrameLimits"/>, on both of its sides.</summary>
public sealed class LimitTests
{
    private static Template With(string key, string metric) => new(NamingRule.OpenTelemetry, [key], [new Metric(metric, "", MetricKind.Gauge)]);

    [Fact]
    public void Names_AndValues()
    {
        string longest = new('n', FrameLimits.MaxNameBytes);
        _ = With(longest, longest);
        Assert.Throws<ArgumentException>(() => With(longest + "n", "m"));
        Assert.Throws<ArgumentException>(() => With("k", longest + "n"));
        Assert.Throws<ArgumentException>(() => With("", "m"));
        Assert.Throws<ArgumentException>(() => With("k", ""));
        Assert.Throws<ArgumentException>(() => new Template(NamingRule.OpenTelemetry, ["k", "k"], [new Metric("m", "", MetricKind.Gauge)]));
        Assert.Throws<ArgumentException>(() => new Template(NamingRule.OpenTelemetry, [], []));
        _ = new Schema([new SchemaPart(With("k", "m"), [[new string('v', FrameLimits.MaxValueBytes)]])]);
        Assert.Throws<ArgumentException>(() => new Schema([new SchemaPart(With("k", "m"), [[new string('v', FrameLimits.MaxValueBytes + 1)]])]));
        Assert.Throws<ArgumentException>(() => new Schema([new SchemaPart(With("k", "m"), [["a", "b"]])]));
    }

    [Fact]
    public void Attributes()
    {
        string[] keys = [.. Enumerable.Range(0, FrameLimits.MaxAttributes).Select(static i => $"k{i}")];
        _ = new Template(NamingRule.OpenTelemetry, keys, [new Metric("m", "", MetricKind.Gauge)]);
        Assert.Throws<ArgumentException>(() => new Template(NamingRule.OpenTelemetry, [.. keys, "more"], [new Metric("m", "", MetricKind.Gauge)]));
    }

    [Fact]
    public void Series()
    {
        Assert.Equal(FrameLimits.MaxSeries, TestSchemas.Of(FrameLimits.MaxSeries).SeriesCount);
        Assert.Throws<ArgumentException>(() => TestSchemas.Of(FrameLimits.MaxSeries + 1));
        Assert.Throws<ArgumentException>(() => new Schema([]));
    }

    [Fact]
    public void Entry_Bytes()
    {
        var header = new EntryHeader { Kind = EntryKind.Tombstone, Seq = 1 };
        var writer = new EntryWriter();
        int overhead = writer.Write(header, []).Length;
        byte[] largest = writer.Write(header, new byte[FrameLimits.MaxEntryBytes - overhead]).ToArray();
        Assert.Equal(EntryError.None, EntryHeader.TryRead(largest, out _));
        Assert.Throws<ArgumentException>(() => writer.Write(header, new byte[FrameLimits.MaxEntryBytes - overhead + 1]));
        Assert.Equal(EntryError.Size, EntryHeader.TryRead(new byte[FrameLimits.MaxEntryBytes + 1], out _));
    }

    [Fact]
    public void Header_ThatContradictsItself_IsNotWritten()
    {
        var writer = new EntryWriter();
        var frame = new EntryHeader { Kind = EntryKind.Samples, Seq = 1, Ticks = 1, Series = 1 };
        foreach (EntryHeader header in (EntryHeader[])
        [
            frame with { Seq = 0 }, frame with { Ticks = 0 }, frame with { Series = 0 }, frame with { Missing = 2 }, frame with { Ticks = 2 },
            frame with { FirstMs = -1 }, frame with { FirstMs = 1L << 48 }, frame with { ExplicitTimes = true, IntervalMs = 5 },
            frame with { Ticks = 3600, Series = 1000, IntervalMs = 1 }, new() { Kind = EntryKind.Tombstone, Seq = 1, Ticks = 1 },
        ]) Assert.Throws<ArgumentException>(() => writer.Write(header, []));
        Assert.Throws<ArgumentException>(() => writer.Write(frame, [], new byte[3]));
    }

    [Fact]
    public void TraceContext_IsOutsideTheContentHash()
    {
        var header = new EntryHeader { Kind = EntryKind.Tombstone, Seq = 1 };
        byte[] plain = new EntryWriter().Write(header, [1, 2]).ToArray(), traced = new EntryWriter().Write(header, [1, 2], new byte[EntryHeader.TraceContextBytes]).ToArray();
        EntryHeader.TryRead(plain, out EntryHeader a);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(traced, out EntryHeader b));
        Assert.Equal((a.ContentHash, false, true), (b.ContentHash, a.HasTraceContext, b.HasTraceContext));
    }

    [Fact]
    public void Run_TornAnywhere_SaysSo()
    {
        var run = new ByteWriter();
        EntryRun.Append(run, [1, 2, 3]);
        EntryRun.Append(run, [4]);
        for (int length = 0; length <= run.Length; length++)
        {
            EntryRun.Enumerator entries = EntryRun.Read(run.Written[..length]);
            int count = 0;
            while (entries.MoveNext()) count++;
            Assert.Equal(length is not (0 or 7 or 12), entries.Torn);
            Assert.Equal(length < 7 ? 0 : length < 12 ? 1 : 2, count);
        }
    }

    [Fact]
    public void Varint_Edges()
    {
        var writer = new ByteWriter();
        foreach (ulong value in (ulong[])[0, 127, 128, 16_383, 16_384, uint.MaxValue, ulong.MaxValue])
        {
            writer.Clear();
            writer.Varint(value);
            var reader = new ByteReader(writer.Written);
            Assert.Equal(value, reader.Varint());
            Assert.Equal(0, reader.Remaining);
            var cut = new ByteReader(writer.Written[..^1]);
            cut.Varint();
            Assert.True(cut.Failed);
        }

        var tooLong = new ByteReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02]);
        tooLong.Varint();
        Assert.True(tooLong.Failed);
        var badText = new ByteReader([2, 0xC3, 0x28]);
        badText.String(10);
        Assert.True(badText.Failed);
    }
}
