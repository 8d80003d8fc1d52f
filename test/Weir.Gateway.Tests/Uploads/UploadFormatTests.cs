using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway.Tests.Uploads;

/// <summary>The bytes of <c>docs/formats/upload.md</c>.</summary>
public sealed class UploadFormatTests
{
    private static UploadOwner Owner { get; } = new("default", new AgentId(0x0102030405060708, 0x090A0B0C0D0E0F10));

    private static UploadClaim Claim { get; } = new(ContentId.Of("file"u8), 2_500_000, UploadKind.Diagnostics);

    [Fact]
    public void Header_Golden() => Assert.Equal(
        "5755504C" + "01" + "02" + "0102030405060708090A0B0C0D0E0F10" + "3B9C358F36F0A31B6AD3E14F309C7CF198AC9246E8316F9CE543D5B19AC02B80"
        + "A025260000000000" + "00001000" + "00963E469D010000" + "0764656661756C74" + "97291B09",
        Convert.ToHexString(UploadStateFile.EncodeHeader(new UploadState(Owner, Claim, 1 << 20, 1_775_000_000_000))));

    [Fact]
    public void Record_Golden() => Assert.Equal("01000201000000963E469D0100006C87F68371B28954707EBB92AFEE7CCFFB74C6F71EC8FEA8A98CF6104289585B44C8FFDE", Convert.ToHexString(new UploadRecord(ChunkState.Success, 258, ContentId.Of("chunk"u8), 1_775_000_000_000).Encode()));

    [Fact]
    public void Commit_Golden() => Assert.Equal("03000000000000963E469D0100000000000000000000000000000000000000000000000000000000000000000000C4EEB642", Convert.ToHexString(UploadRecord.Commit(1_775_000_000_000).Encode()));

    [Fact]
    public void Id_Golden() => Assert.Equal("911b3ddff94db68698d9bcc9014b5c90", Claim.IdFor(Owner));

    [Fact]
    public void Record_RoundTrips()
    {
        var record = new UploadRecord(ChunkState.Failed, 7, ContentId.Of("x"u8), 123);
        Assert.True(UploadRecord.TryRead(record.Encode(), out UploadRecord read));
        Assert.Equal(record, read);
    }

    [Fact]
    public void Record_AnyBitFlipped_IsNotOne()
    {
        byte[] bytes = new UploadRecord(ChunkState.Success, 7, ContentId.Of("x"u8), 123).Encode();
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(UploadRecord.TryRead(flipped, out _));
        }
    }

    [Fact]
    public void Enumerations_AreFrozen()
    {
        Assert.Equal([(0, "Pending"), (1, "Success"), (2, "Failed")], Enum.GetValues<ChunkState>().Select(static value => ((int)value, value.ToString())));
        Assert.Equal([(1, "File"), (2, "Diagnostics"), (3, "Recording")], Enum.GetValues<UploadKind>().Select(static value => ((int)value, value.ToString())));
    }
}
