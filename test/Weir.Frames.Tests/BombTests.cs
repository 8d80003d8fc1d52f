using Weir.TestKit.Bombs;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>Payloads that unfold to more than a gibibyte: refused within the memory of what an entry may hold.</summary>
public sealed class BombTests
{
    private const int SmallBytes = 1 << 20;

    [Fact]
    public void Bombs_AreSome()
    {
        Assert.InRange(Bomb.Zstd().Length, 0, 40_000);
        foreach (bool saysSize in (bool[])[true, false]) Assert.Equal(Bomb.UnfoldedBytes, Bomb.UnfoldZstd(Bomb.Zstd(saysSize)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Object_ThatUnfoldsToMoreThanItSays_IsRefusedWithinWhatItSays(bool saysSize)
    {
        byte[] bomb = Bomb.Zstd(saysSize);
        foreach (int said in (int[])[1, 1000, FrameLimits.MaxObjectBytes])
        {
            (byte[]? canonical, long allocated) = Unpack((ulong)said, bomb);
            Assert.Null(canonical);
            Assert.InRange(allocated, 0, said + SmallBytes);
        }
    }

    [Fact]
    public void Object_ThatSaysWhatItUnfoldsTo_IsRefusedBeforeMemoryIsTaken()
    {
        (byte[]? canonical, long allocated) = Unpack((ulong)Bomb.UnfoldedBytes, Bomb.Zstd());
        Assert.Null(canonical);
        Assert.InRange(allocated, 0, SmallBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Frame_WhosePayloadUnfolds_IsRefusedWithinItsShape(bool saysSize)
    {
        Schema schema = TestSchemas.Of(7);
        var builder = new FrameBuilder(schema, 4);
        for (int t = 0; t < 4; t++) builder.AddTick(1000 * t, [1, 2, 3, 4, 5, 6, t], [1, 1, 1, 1, 1, 1, 1]);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(builder.Seal(1, 0), out EntryHeader header));
        byte[] entry = new EntryWriter().Write(header, Bomb.Zstd(saysSize)).ToArray();
        using var decoder = new FrameDecoder();
        var decoded = new DecodedFrame();
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out header));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEqual(EntryError.None, decoder.Decode(entry, header, schema, baseline: null, decoded));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, SmallBytes);
    }

    // Instances of a template without keys take no bytes, and many keys much memory for a byte each.
    [Theory]
    [InlineData(0, 10_000, 0)]
    [InlineData(1, 60, FrameLimits.MaxSeries)]
    [InlineData(40, 1, FrameLimits.MaxSeries)]
    public void Schema_OfMoreSeriesThanThereMayBe_IsRefusedBeforeMemoryIsTaken(int keys, int parts, int bytes)
    {
        var template = new Template(NamingRule.OpenTelemetry, [.. Enumerable.Range(0, keys).Select(static i => $"k{i}")], [new Metric("m", "", MetricKind.Gauge)]);
        var canonical = new ByteWriter();
        Span<byte> id = stackalloc byte[ContentId.Size];
        template.Id.Write(id);
        canonical.U8((byte)ObjectKind.Schema);
        canonical.U8(1);
        canonical.Varint((ulong)parts);
        for (int part = 0; part < parts; part++)
        {
            canonical.Bytes(id);
            canonical.Varint((ulong)keys);
            canonical.Varint(FrameLimits.MaxSeries);
            canonical.Bytes(new byte[bytes]);
        }

        if (keys == 0) canonical.Bytes(new byte[FrameLimits.MaxSeries]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Schema.TryParse(canonical.Written, _ => template));
        Assert.Null(Schema.TemplatesOf(canonical.Written));
        // What a schema of as many series as there may be takes.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * FrameLimits.MaxSeries);
    }

    [Fact]
    public void Schema_OfAsManySeriesAsThereMayBe_OverParts_IsRead()
    {
        var one = new Template(NamingRule.OpenTelemetry, ["k"], [new Metric("m", "", MetricKind.Gauge)]);
        var two = new Template(NamingRule.OpenTelemetry, ["k"], [new Metric("a", "", MetricKind.Gauge), new Metric("b", "", MetricKind.Gauge)]);
        string[][] Names(int count) => [.. Enumerable.Range(0, count).Select(static i => new[] { $"{i}" })];
        var whole = new Schema([new SchemaPart(one, Names(FrameLimits.MaxSeries / 2)), new SchemaPart(two, Names(FrameLimits.MaxSeries / 4))]);
        Assert.Equal(whole.Id, Schema.TryParse(whole.Canonical.Span, id => id == one.Id ? one : two)!.Id);
        Assert.Equal([one.Id, two.Id], Schema.TemplatesOf(whole.Canonical.Span));
    }

    [Fact]
    public void Object_ThatIsNoZstd_LeavesNoDecompressorBehind()
    {
        int before = PackedBytes.IdleDecompressors;
        for (int i = 0; i < 1000; i++) Assert.Null(Unpack(100, [1, 2, 3]).Canonical);
        Assert.InRange(PackedBytes.IdleDecompressors, 1, before + Environment.ProcessorCount);
        Assert.NotNull(ObjectCodec.TryUnpack(ObjectCodec.Pack("as good as before"u8)));
    }

    private static (byte[]? Canonical, long Allocated) Unpack(ulong said, byte[] bomb)
    {
        var payload = new ByteWriter();
        payload.Varint(said);
        payload.Bytes(bomb);
        long before = GC.GetAllocatedBytesForCurrentThread();
        byte[]? canonical = ObjectCodec.TryUnpack(payload.Written);
        return (canonical, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
