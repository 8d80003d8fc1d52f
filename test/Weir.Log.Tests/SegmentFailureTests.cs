using Microsoft.Extensions.Time.Testing;
using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

/// <summary>Writes and flushes that fail: nothing that was durable suffers, and the log goes on by itself.</summary>
public sealed class SegmentFailureTests
{
    private readonly CrashFileSystem _files = new();
    private readonly FakeTimeProvider _time = new();

    public SegmentFailureTests()
    {
        _files.CreateDirectory("/");
        _files.CreateDirectory("/log");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Append_FlushFails_TheFileIsNeverTouchedAgainAndTheNextAppendBeginsASegment(bool ofFirstBlock)
    {
        await using SegmentLog log = Open();
        await AppendAsync(log, 1, 2);
        if (ofFirstBlock) log.EndSegment();
        long end = log.DurableEnd;
        string before = Path(log.NewestStart);

        _files.FailNextFlush = true;
        LogException error = await Assert.ThrowsAsync<LogException>(() => AppendAsync(log, 3));
        byte[] left = _files.Read(before);

        Assert.Equal((LogError.WriteFailed, end), (error.Error, log.DurableEnd));
        Assert.Contains("Input/output error", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2], Read(log));

        _time.Advance(TimeSpan.FromSeconds(1));
        await AppendAsync(log, 4);

        Assert.Equal(left, _files.Read(before));
        Assert.Equal(end, log.NewestStart);
        Assert.Equal([1, 2, 4], Read(log));
        await log.DisposeAsync();
        await using SegmentLog again = Open();
        Assert.Equal([1, 2, 4], Read(again));
        Assert.Empty(again.Recovery.DamagedRanges);
    }

    [Fact]
    public async Task Append_DeadDisk_OneNewFileASecondAndHealsWithTheDisk()
    {
        await using SegmentLog log = Open();
        await AppendAsync(log, 1);
        _files.IsBroken = true;
        await Assert.ThrowsAsync<LogException>(() => AppendAsync(log, 2));
        int steps = _files.Steps;
        for (int i = 0; i < 10; i++)
        {
            for (int attempt = 0; attempt < 20; attempt++) Assert.Equal(LogError.WriteFailed, (await Assert.ThrowsAsync<LogException>(() => AppendAsync(log, 2))).Error);
            Assert.InRange(_files.Steps - steps, i, i * 2);
            Assert.Equal([1], Read(log));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _files.IsBroken = false;
        await AppendAsync(log, 3);
        Assert.Equal([1, 3], Read(log));
    }

    [Fact]
    public async Task Append_ManyFailuresInARow_LeaveNoFileBehind()
    {
        await using SegmentLog log = Open();
        await AppendAsync(log, 1);
        for (int i = 0; i < 5; i++)
        {
            _files.FailNextFlush = true;
            await Assert.ThrowsAsync<LogException>(() => AppendAsync(log, 2));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await AppendAsync(log, 3);
        Assert.Equal(2, _files.ListFiles("/log").Count(static name => name.EndsWith(".seg", StringComparison.Ordinal)));
        Assert.Equal([1, 3], Read(log));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_AfterAKill_WhatIsReadIsDurableFromThenOn(bool flushFailed)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            SegmentLog log = Open();
            await AppendAsync(log, 1);
            // The process ends between writing and flushing, or when the flush has failed.
            if (flushFailed) _files.FailNextFlush = true;
            else _files.CrashAtStep = _files.Steps + 3;
            await Assert.ThrowsAsync<LogException>(() => AppendAsync(log, 2));
            _files.Kill();

            List<int> seen;
            await using (SegmentLog again = Open()) seen = Read(again);
            Assert.Equal(seed == 0 ? [1, 2] : seen, seen);
            _files.Crash(new Random(seed));
            await using (SegmentLog after = Open())
            {
                Assert.Equal(seen, Read(after));
                Assert.Empty(after.Recovery.DamagedRanges);
            }

            foreach (string name in _files.ListFiles("/log")) _files.Delete("/log/" + name);
        }
    }

    [Fact]
    public async Task Read_OlderSegmentDamagedAndCutShort_ItsLastBlocksAreFound()
    {
        List<long> positions = await WriteAsync(6);
        await using (SegmentLog log = Open())
        {
            log.EndSegment();
            positions.Add(await log.AppendAsync(new byte[4], new byte[800], Cancel));
        }

        byte[] bytes = _files.Read(Path(0));
        bytes[positions[1] - 30] ^= 1;
        _files.Overwrite(Path(0), bytes.AsSpan(0, bytes.Length - 10));
        await using SegmentLog again = Open();
        Assert.Equal([positions[0], positions[2], positions[3], positions[4], positions[6]], Intact.Positions(again));
    }

    [Fact]
    public async Task Read_MoreSegmentsThanHandles_AllAreRead()
    {
        await using SegmentLog log = Open();
        int[] all = [.. Enumerable.Range(1, (2 * SegmentHandles.Limit) + 5)];
        foreach (int id in all)
        {
            await AppendAsync(log, id);
            log.EndSegment();
        }

        Assert.Equal(all, Read(log));
        Assert.Equal(all, Read(log));
    }

    private SegmentLog Open() => SegmentLog.Open(_files, "/log", new SegmentLogOptions { Time = _time });

    private async Task<List<long>> WriteAsync(int entries)
    {
        var positions = new List<long>();
        await using SegmentLog log = Open();
        for (int i = 0; i < entries; i++) positions.Add(await log.AppendAsync(new byte[4], new byte[800], Cancel));
        return positions;
    }

    private static string Path(long start) => $"/log/{start:D20}.seg";

    private static async Task AppendAsync(SegmentLog log, params int[] ids)
    {
        foreach (int id in ids) await log.AppendAsync(BitConverter.GetBytes(id), new byte[600], Cancel);
    }

    private static List<int> Read(SegmentLog log)
    {
        var ids = new List<int>();
        using LogReader reader = log.OpenReader(log.Start, LogReadMode.Payloads);
        while (reader.TryRead(out LogEntry entry)) if (!entry.Damaged) ids.Add(BitConverter.ToInt32(entry.Index.Span));
        Assert.Equal(0, reader.SkippedBytes);
        return ids;
    }
}
