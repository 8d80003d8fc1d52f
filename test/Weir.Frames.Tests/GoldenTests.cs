using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>Bytes that are on disks and wires: they never change. A change here is a new version of the format.</summary>
public sealed class GoldenTests
{
    private static readonly Template Template = new(NamingRule.OpenTelemetry, ["cpu.mode"], [new Metric("system.cpu.time", "s", MetricKind.Counter)]);
    private static readonly Schema Schema = new([new SchemaPart(Template, [["user"], ["idle"]])]);

    [Fact]
    public void Template_Canonical() => Assert.Equal(
        "0101" + "00" + "01" + "08" + "6370752e6d6f6465" + "01" + "0f" + "73797374656d2e6370752e74696d65" + "01" + "73" + "01",
        Convert.ToHexStringLower(Template.Canonical.Span));

    [Fact]
    public void Schema_Canonical() => Assert.Equal(
        "0201" + "01" + Template.Id + "01" + "02" + "04" + "75736572" + "04" + "69646c65",
        Convert.ToHexStringLower(Schema.Canonical.Span));

    [Fact]
    public void Header_OfADeclaration()
    {
        var header = new EntryHeader { Kind = EntryKind.Declaration, Form = (byte)DeclarationKind.Window, Seq = 300, FirstMs = 0x010203040506, ClockGeneration = 2 };
        byte[] entry = new EntryWriter().Write(header, [0xAA, 0xBB]).ToArray();
        Assert.Equal(
            "2e" + "01" + "03" + "02" + "00" + "0000000000000000" + "0000000000000000" + "060504030201" + "ac02" + "02" + "00" + "00" + "00" + "00" + "aabb",
            Convert.ToHexStringLower(entry.AsSpan(12)));
        Assert.Equal(48, entry.Length);
    }

    [Fact]
    public void Frame_Header()
    {
        var builder = new FrameBuilder(Schema, 2);
        builder.AddTick(1000, [1.5, 2.5], [1, 1]);
        builder.AddTick(2000, [1.5, 0], [1, 0]);
        byte[] entry = builder.Seal(1, 0);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
        Assert.Equal(
            "2e" + "01" + "01" + "00" + "00" + Convert.ToHexStringLower(BitConverter.GetBytes(Schema.Id.Short)) + Convert.ToHexStringLower(BitConverter.GetBytes(header.Digest))
            + "e80300000000" + "01" + "00" + "e807" + "02" + "02" + "01",
            Convert.ToHexStringLower(entry.AsSpan(12, header.HeaderBytes - 12)));
        Assert.True(header.HeaderBytes <= 56);
    }

    [Fact]
    public void Declarations_AndTombstone()
    {
        var start = new EpochStart { PreviousEpoch = 1, PreviousLastSeq = 2, PreviousLastTickMs = 3, HostAttributes = [new("host.name", "a")] };
        Assert.Equal("0100000000000000" + "02" + "03" + "01" + "09" + "686f73742e6e616d65" + "01" + "61", Convert.ToHexStringLower(start.Encode()));
        var window = new WindowDeclaration
        {
            Scheduled = 10, Collected = 8, Late = 1, Missed = 0, Sent = 7, Digest = 5,
            Failed = new Dictionary<FailureReason, long> { [FailureReason.NotHere] = 1 }, Dropped = new Dictionary<DropReason, long> { [DropReason.SpoolFailed] = 1 },
        };
        Assert.Equal("0500000000000000" + "0a08010007" + "01" + "0301" + "01" + "0301", Convert.ToHexStringLower(window.Encode()));
        var tombstone = new Tombstone { Epoch = 9, FirstSeq = 1, LastSeq = 300, Reason = DropReason.Rejected, Windows = [new(60_000, 2, 4)] };
        Assert.Equal("0900000000000000" + "01" + "ac02" + "02" + "01" + "e0d403" + "02" + "0400000000000000", Convert.ToHexStringLower(tombstone.Encode()));
        Assert.Equal(tombstone.Windows, Tombstone.TryDecode(tombstone.Encode())!.Windows);
        byte[] namesOnly = (tombstone with { IsNamesOnly = true, Windows = [] }).Encode();
        Assert.Equal("0900000000000000" + "01" + "ac02" + "82" + "00", Convert.ToHexStringLower(namesOnly));
        Assert.Equal((DropReason.Rejected, true), Tombstone.TryDecode(namesOnly) is { } read ? (read.Reason, read.IsNamesOnly) : default);
        Assert.Equal(window.Failed, WindowDeclaration.TryDecode(window.Encode())!.Failed);
        Assert.Equal(start.HostAttributes, EpochStart.TryDecode(start.Encode())!.HostAttributes);
    }

    // Worked out apart from the code, from the formula on the format page.
    [Theory]
    [InlineData(0UL, 0L, 0.0, 0x0000000000000000UL)]
    [InlineData(1UL, 1_700_000_000_000L, 1.5, DigestOfOne)]
    [InlineData(0xFEDCBA9876543210UL, 1_700_000_001_000L, -0.0, DigestOfMinusZero)]
    public void Digest_Formula(ulong seriesHash, long timeMs, double value, ulong expected) => Assert.Equal(expected, SampleDigest.Of(seriesHash, timeMs, value));

    private const ulong DigestOfOne = 0xD264BC05D461BE35;
    private const ulong DigestOfMinusZero = 0xAC7E559DA4B6A265;

    [Fact]
    public void Digest_AllNaNs_AreOne()
    {
        ulong canonical = SampleDigest.Of(5, 7, double.NaN);
        foreach (long bits in (long[])[0x7FF8000000000000, 0x7FF0000000000002, unchecked((long)0xFFF8000000000001)])
            Assert.Equal(canonical, SampleDigest.Of(5, 7, BitConverter.Int64BitsToDouble(bits)));
        Assert.NotEqual(SampleDigest.Of(5, 7, 0.0), SampleDigest.Of(5, 7, -0.0));
    }

    [Fact]
    public void EnumValues_AreFrozen()
    {
        Assert.Equal([1, 2, 3, 4, 5], Enum.GetValues<EntryKind>().Select(static v => (int)v));
        Assert.Equal([1, 2, 3], Enum.GetValues<ObjectKind>().Select(static v => (int)v));
        Assert.Equal([1, 2], Enum.GetValues<DeclarationKind>().Select(static v => (int)v));
        Assert.Equal([0, 1], Enum.GetValues<CodecId>().Select(static v => (int)v));
        Assert.Equal([0, 1], Enum.GetValues<MetricKind>().Select(static v => (int)v));
        Assert.Equal([0, 1], Enum.GetValues<NamingRule>().Select(static v => (int)v));
        Assert.Equal([1, 2, 3, 4], Enum.GetValues<FailureReason>().Select(static v => (int)v));
        Assert.Equal([1, 2, 3, 4, 5], Enum.GetValues<DropReason>().Select(static v => (int)v));
    }

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    public void Crc32C_KnownAnswers(string text, uint expected)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Equal(expected, Crc32C.Compute(bytes));
        if (bytes.Length > 3) Assert.Equal(expected, Crc32C.Compute(bytes.AsSpan(3), Crc32C.Compute(bytes.AsSpan(0, 3))));
    }
}
