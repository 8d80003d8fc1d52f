using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Spooling;

public sealed class SpoolQuarantineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bury_RejectedOrDamaged_LeavesACopyWithItsReason()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        SpooledItem[] frames = [.. harness.Items().Where(static item => item.Header.Kind == EntryKind.Samples)];
        harness.Damage(frames[1]);

        await harness.Store.BuryAsync(frames[0].Entry, DropReason.Rejected, Cancel);
        await harness.Store.BuryAsync(frames[1].Entry, DropReason.Damaged, Cancel);
        await harness.Store.BuryAsync(frames[2].Entry, DropReason.ObjectsGone, Cancel);
        await harness.Store.BuryAsync(frames[0].Entry, DropReason.Rejected, Cancel);

        byte[] broken = [.. frames[1].Bytes];
        broken[20] ^= 0x55;
        List<(QuarantineIndex Index, byte[] Bytes)> copies = await ReadAsync(harness);
        Assert.Equal([new(DropReason.Rejected, harness.NowMs, frames[0].Epoch, 1, frames[0].Seq, EntryKind.Samples), new(DropReason.Damaged, harness.NowMs, frames[1].Epoch, 1, frames[1].Seq, EntryKind.Samples)], copies.Select(static copy => copy.Index));
        Assert.Equal([frames[0].Bytes, broken], copies.Select(static copy => copy.Bytes));
    }

    [Fact]
    public async Task Bury_MoreThanTheLimit_TheOldestCopiesGo()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(1);
        SpooledEntry frame = harness.Items()[^1].Entry;
        await using var quarantine = new SpoolQuarantine(harness.Files, StoreHarness.Directory, harness.Time, limitBytes: 40_000);
        var bytes = new byte[5000];
        for (uint i = 1; i <= 30; i++) await quarantine.AddAsync(frame with { StartNumber = i }, DropReason.Rejected, bytes);
        await quarantine.DisposeAsync();

        List<(QuarantineIndex Index, byte[] Bytes)> copies = await ReadAsync(harness);
        Assert.Equal(30U, copies[^1].Index.StartNumber);
        Assert.InRange(copies.Sum(static copy => (long)copy.Bytes.Length), 20_000, 45_000);
    }

    [Fact]
    public async Task Bury_QuarantineNotWritable_TheTombstoneStandsAllTheSame()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(1);
        SpooledItem frame = harness.Items()[^1];
        using IDisposable held = HoldQuarantine(harness);

        await harness.Store.BuryAsync(frame.Entry, DropReason.Rejected, Cancel);

        Assert.True(harness.Store.IsSettled(frame.Epoch, frame.Seq));
        Assert.Equal(EntryKind.Tombstone, harness.Items()[^1].Header.Kind);
    }

    [Fact]
    public void Bytes_OfAnIndex_AreFrozen()
    {
        var writer = new ByteWriter();
        QuarantineIndex.Write(writer, new QuarantineIndex(DropReason.Damaged, 0x1122, 7, 3, 9, EntryKind.Samples));
        Assert.Equal($"{(byte)DropReason.Damaged:x2}" + "2211000000000000" + "0700000000000000" + "03000000" + "0900000000000000" + $"{(byte)EntryKind.Samples:x2}", Convert.ToHexStringLower(writer.Written));
        Assert.Null(QuarantineIndex.TryRead(writer.Written[..^1]));
    }

    private static IDisposable HoldQuarantine(StoreHarness harness)
    {
        harness.Files.CreateDirectory(StoreHarness.Directory + "/quarantine");
        return harness.Files.Lock(StoreHarness.Directory + "/quarantine/LOCK");
    }

    private static async Task<List<(QuarantineIndex Index, byte[] Bytes)>> ReadAsync(StoreHarness harness)
    {
        var copies = new List<(QuarantineIndex, byte[])>();
        await using SegmentLog log = SegmentLog.OpenReadOnly(harness.Files, SpoolQuarantine.DirectoryOf(StoreHarness.Directory), new SegmentLogOptions());
        using LogReader reader = log.OpenReader(log.Start, LogReadMode.Payloads);
        while (reader.TryRead(out LogEntry entry)) copies.Add((QuarantineIndex.TryRead(entry.Index.Span)!.Value, entry.Payload.ToArray()));
        return copies;
    }
}
