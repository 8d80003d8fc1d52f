using Weir.Frames;

namespace Weir.Log.Tests;

public sealed class RecordTests
{
    private static RecordHeader Header() => new()
    {
        Tenant = "default", AgentId = new AgentId(0x0102030405060708, 0x090A0B0C0D0E0F10), Epoch = 0x1122334455667788, StartNumber = 3,
        Line = BusinessLine.Backfill, Source = SourceKind.Foreign, ReceivedMs = 1000, GatewayId = "g", Region = "eu", Rehearsal = true,
    };

    private static byte[] Entry(ulong seq) => new EntryWriter().Write(new EntryHeader { Kind = EntryKind.Tombstone, Seq = seq, FirstMs = 5 }, new byte[(int)seq]).ToArray();

    [Fact]
    public void Header_Bytes_AreFrozen()
    {
        var bytes = new ByteWriter();
        Header().Write(bytes);
        Assert.Equal(
            "3b00" + "01" + "01" + "0102030405060708090a0b0c0d0e0f10" + "8877665544332211" + "03000000" + "01" + "01" + "e803000000000000" + "0764656661756c74" + "026575" + "0167",
            Convert.ToHexStringLower(bytes.Written[4..]));
        Assert.True(RecordHeader.TryRead(bytes.Written, out RecordHeader header, out int length));
        Assert.Equal(Header(), header);
        Assert.Equal(bytes.Length, length);
    }

    [Fact]
    public void Header_AnyByteFlippedOrCut_IsRefused()
    {
        var bytes = new ByteWriter();
        Header().Write(bytes);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = bytes.Written.ToArray();
            damaged[i] ^= 0x10;
            Assert.False(RecordHeader.TryRead(damaged, out _, out _));
            Assert.False(RecordHeader.TryRead(bytes.Written[..i], out _, out _));
        }
    }

    [Fact]
    public void Header_OfAnotherTenantRegionAndGateway_IsReadAsItIsWritten()
    {
        // Names are remembered from one header to the next: those that begin alike, are empty or change their place must not be mixed up.
        RecordHeader[] headers =
        [
            Header(), Header() with { Tenant = "defaults" }, Header() with { Tenant = "def" }, Header() with { Region = "", GatewayId = "eu" },
            Header() with { Region = "g", GatewayId = "" }, new() { Tenant = new string('t', RecordHeader.MaxNameBytes), AgentId = new AgentId(1, 1) }, Header(),
        ];
        foreach (RecordHeader header in headers)
        {
            var bytes = new ByteWriter();
            header.Write(bytes);
            Assert.True(RecordHeader.TryRead(bytes.Written, out RecordHeader read, out _));
            Assert.Equal(header, read);
        }
    }

    [Fact]
    public void Index_NamesEveryEntryAndItsPlace()
    {
        var builder = new RecordBuilder();
        builder.Begin(Header());
        for (ulong seq = 1; seq <= 4; seq++)
        {
            byte[] entry = Entry(seq);
            EntryHeader.TryRead(entry, out EntryHeader header);
            builder.Add(entry, header.HeaderBytes);
        }

        Assert.True(RecordIndex.TryOpen(builder.Index.Span, out RecordIndex rows));
        Assert.Equal(Header(), rows.Header);
        for (ulong seq = 1; seq <= 4; seq++)
        {
            Assert.True(rows.MoveNext());
            Assert.Equal(seq, rows.Entry.Seq);
            Assert.Equal(Entry(seq), builder.Record.Slice(rows.Offset, rows.Length).ToArray());
        }

        Assert.False(rows.MoveNext());
        Assert.False(rows.Malformed);
        Assert.True(RecordIndex.TryOpen(builder.Index.Span[..^3], out RecordIndex cut));
        while (cut.MoveNext()) { }
        Assert.True(cut.Malformed);
    }

    [Fact]
    public void Builder_FillsUpToItsLimits()
    {
        var builder = new RecordBuilder();
        builder.Begin(Header());
        Assert.True(builder.Fits(RecordBuilder.MaxRunBytes * 2));
        byte[] entry = Entry(1);
        EntryHeader.TryRead(entry, out EntryHeader header);
        for (int i = 0; i < RecordBuilder.MaxEntries; i++)
        {
            Assert.True(builder.Fits(entry.Length));
            builder.Add(entry, header.HeaderBytes);
        }

        Assert.False(builder.Fits(1));
        builder.Begin(Header());
        builder.Add(entry, header.HeaderBytes);
        Assert.False(builder.Fits(RecordBuilder.MaxRunBytes));
    }

    [Fact]
    public void AgentId_TextBytesAndPartition_AreFrozen()
    {
        var id = new AgentId(0x0102030405060708, 0x090A0B0C0D0E0F10);
        Assert.Equal("0102030405060708090a0b0c0d0e0f10", id.ToString());
        Assert.True(AgentId.TryParse(id.ToString(), out AgentId parsed));
        Assert.Equal(id, parsed);
        foreach (string bad in (string[])["", "0", new string('0', 32), new string('g', 32), new string('1', 33)]) Assert.False(AgentId.TryParse(bad, out _));
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(1, 100).Select(static i => new AgentId(0, (ulong)i).Partition(4)).Distinct().Order());
        Assert.Equal(id.Partition(4), parsed.Partition(4));
    }

    [Fact]
    public void EnumValues_AreFrozen()
    {
        Assert.Equal([0, 1], Enum.GetValues<LogClass>().Select(static v => (int)v));
        Assert.Equal([0, 1, 2, 3, 4], Enum.GetValues<BusinessLine>().Select(static v => (int)v));
        Assert.Equal([0, 1], Enum.GetValues<SourceKind>().Select(static v => (int)v));
    }
}
