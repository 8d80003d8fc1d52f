using Microsoft.Extensions.Time.Testing;
using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

public sealed class DiskReserveTests
{
    private const int ReserveBytes = 5000;

    private readonly CrashFileSystem _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DiskReserve _reserve;

    public DiskReserveTests()
    {
        _files.CreateDirectory("/");
        _files.CreateDirectory("/log");
        _reserve = new DiskReserve(_files, "/", ReserveBytes, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_DiskFull_GivesTheReserveUpAndOnlyClosingEntriesUseIt()
    {
        await using SegmentLog log = Open();
        await AppendAsync(log);
        Assert.Equal(ReserveBytes, _files.Read("/RESERVE").Length);
        _files.FreeBytes = 100;

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(LogError.DiskFull, (await Assert.ThrowsAsync<LogException>(() => AppendAsync(log))).Error);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(_files.FileExists("/RESERVE"));
        Assert.Equal(0, _reserve.HeldBytes);
        await log.AppendClosingAsync(new byte[4], new byte[600], Cancel);
        Assert.InRange(_files.FreeBytes!.Value, 1, ReserveBytes - 500);
        Assert.Equal(2, Count(log));
    }

    [Fact]
    public async Task Append_ClosingMeetsTheFullDiskFirst_IsWrittenIntoTheReserve()
    {
        await using SegmentLog log = Open();
        await AppendAsync(log);
        _files.FreeBytes = 100;
        await log.AppendClosingAsync(new byte[4], new byte[600], Cancel);
        log.EndSegment();
        await log.AppendClosingAsync(new byte[4], new byte[600], Cancel);
        Assert.Equal(3, Count(log));
    }

    [Fact]
    public async Task Append_ClosingRightAfterTheReserveWasGivenUpForANewSegment_DoesNotWaitOutThePause()
    {
        await using SegmentLog log = Open();
        await AppendAsync(log);
        log.EndSegment();
        _files.FreeBytes = 100;
        Assert.Equal(LogError.DiskFull, (await Assert.ThrowsAsync<LogException>(() => AppendAsync(log))).Error);
        await log.AppendClosingAsync(new byte[4], new byte[600], Cancel);
        Assert.Equal(2, Count(log));
    }

    [Fact]
    public async Task Append_RoomReturns_TheReserveComesBackBeforeAppendsDo()
    {
        await using SegmentLog log = Open();
        await AppendAsync(log);
        _files.FreeBytes = 0;
        await Assert.ThrowsAsync<LogException>(() => AppendAsync(log));

        // Less than twice the reserve: it would have to be given up again at once.
        _files.FreeBytes = (2 * ReserveBytes) - 1;
        await Assert.ThrowsAsync<LogException>(() => AppendAsync(log));
        _files.FreeBytes = 2 * ReserveBytes;
        // No attempt within a second of the last.
        await Assert.ThrowsAsync<LogException>(() => AppendAsync(log));
        Assert.False(_files.FileExists("/RESERVE"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(log);

        Assert.Equal(ReserveBytes, _files.Read("/RESERVE").Length);
        Assert.Equal(2, Count(log));
    }

    [Fact]
    public async Task Truncate_WhileFull_MakesRoomAndTheNextAppendGoes()
    {
        await using SegmentLog log = Open();
        for (int i = 0; i < 20; i++)
        {
            await AppendAsync(log);
            log.EndSegment();
        }

        _files.FreeBytes = 0;
        await Assert.ThrowsAsync<LogException>(() => AppendAsync(log));
        log.TruncateBefore(log.Segments[15].Start);
        await AppendAsync(log);
        Assert.Equal(6, Count(log));
    }

    [Fact]
    public void ReservedFileSystem_SmallFileOnAFullDisk_IsReplaced()
    {
        var reserved = new ReservedFileSystem(_files, _reserve);
        Assert.True(_reserve.TryHold());
        _files.FreeBytes = 3;
        reserved.Replace("/", "acks", new byte[1000]);
        Assert.Equal(1000, _files.Read("/acks").Length);
        Assert.Equal(0, _reserve.HeldBytes);
    }

    [Fact]
    public async Task Open_DiskFullAndNoReserve_ReadsAndRefusesUntilThereIsRoom()
    {
        await using (SegmentLog log = Open()) await AppendAsync(log);
        _files.Delete("/RESERVE");
        _files.FreeBytes = 10;
        await using SegmentLog again = SegmentLog.Open(_files, "/log", new SegmentLogOptions { Reserve = new DiskReserve(_files, "/", ReserveBytes, _time), Time = _time });
        Assert.Equal(1, Count(again));
        Assert.Equal(LogError.DiskFull, (await Assert.ThrowsAsync<LogException>(() => AppendAsync(again))).Error);
        _files.FreeBytes = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(again);
        Assert.Equal(2, Count(again));
    }

    [Fact]
    public void Hold_OtherSizeThanFound_IsMadeAnew()
    {
        Assert.True(_reserve.TryHold());
        Assert.True(new DiskReserve(_files, "/", 700, _time).TryHold());
        Assert.Equal(700, _files.Read("/RESERVE").Length);
    }

    [Fact]
    public void Hold_NoBytes_KeepsNothing()
    {
        Assert.True(new DiskReserve(_files, "/", 0, _time).TryHold());
        Assert.False(_files.FileExists("/RESERVE"));
    }

    private SegmentLog Open() => SegmentLog.Open(_files, "/log", new SegmentLogOptions { Reserve = _reserve, Time = _time });

    private static async Task AppendAsync(SegmentLog log) => await log.AppendAsync(new byte[4], new byte[600], Cancel);

    private static int Count(SegmentLog log)
    {
        int count = 0;
        using LogReader reader = log.OpenReader(log.Start, LogReadMode.Payloads);
        while (reader.TryRead(out LogEntry entry)) count += entry.Damaged ? 0 : 1;
        Assert.Equal(0, reader.SkippedBytes);
        return count;
    }
}
