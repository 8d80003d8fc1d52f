using Microsoft.Extensions.Time.Testing;
using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

public sealed class SegmentLogTests
{
    private static readonly string FirstSegment = $"/log/{0:D20}.seg";

    private static CrashFileSystem NewDisk()
    {
        var files = new CrashFileSystem();
        files.CreateDirectory("/");
        files.CreateDirectory("/log");
        return files;
    }

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<List<long>> FillAsync(SegmentLog log, int entries)
    {
        var positions = new List<long>();
        for (int i = 0; i < entries; i++) positions.Add(await log.AppendAsync(Bytes(i, 10), Bytes(1000 + i, 50), CancellationToken.None));
        return positions;
    }

    private static List<LogEntry> ReadAll(SegmentLog log, LogReadMode mode, out long skipped)
    {
        var entries = new List<LogEntry>();
        using LogReader reader = log.OpenReader(log.Start, mode);
        while (reader.TryRead(out LogEntry entry)) entries.Add(entry);
        skipped = reader.SkippedBytes;
        return entries;
    }

    [Fact]
    public async Task Append_ManyWhileAFlushTakesLong_ShareTheNext()
    {
        CrashFileSystem files = NewDisk();
        using var appended = new ManualResetEventSlim();
        await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions());
        files.BeforeWrite = _ => appended.Wait();
        Task[] appends = [.. Enumerable.Range(0, 500).Select(i => log.AppendAsync(Bytes(i, 4), Bytes(i, 30), CancellationToken.None).AsTask())];
        appended.Set();
        await Task.WhenAll(appends);
        Assert.Equal(500, log.Appends);
        Assert.InRange(log.Commits, 1, 2);
        Assert.Equal(500, ReadAll(log, LogReadMode.Payloads, out _).Count);
    }

    [Fact]
    public async Task Read_FromAnyPositionGivenOut_GoesOnThere()
    {
        CrashFileSystem files = NewDisk();
        await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        List<long> positions = await FillAsync(log, 30);
        Assert.True(log.Segments.Count > 3);
        for (int i = 0; i < positions.Count; i++)
        {
            using LogReader reader = log.OpenReader(positions[i], LogReadMode.Payloads);
            Assert.True(reader.TryRead(out LogEntry entry));
            Assert.Equal(positions[i], entry.Position);
            Assert.Equal(Bytes(1000 + i, 50), entry.Payload.ToArray());
            using LogReader next = log.OpenReader(entry.Next, LogReadMode.IndexOnly);
            Assert.Equal(i + 1 < positions.Count, next.TryRead(out LogEntry following));
            if (i + 1 < positions.Count) Assert.Equal(positions[i + 1], following.Position);
        }

        foreach (LogSegment segment in log.Segments)
        {
            using LogReader reader = log.OpenReader(segment.Start, LogReadMode.IndexOnly);
            Assert.True(reader.TryRead(out _));
        }
    }

    [Fact]
    public async Task Wait_CompletesWhenSomethingIsDurable()
    {
        CrashFileSystem files = NewDisk();
        await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions());
        Task waiting = log.WaitBeyondAsync(log.DurableEnd, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        await FillAsync(log, 1);
        await waiting;
        await log.WaitBeyondAsync(0, CancellationToken.None);
    }

    [Fact]
    public async Task Truncate_UnlinksWholeSegmentsAndKeepsPositions()
    {
        CrashFileSystem files = NewDisk();
        await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        List<long> positions = await FillAsync(log, 30);
        long size = log.SizeBytes, kept = log.Segments[2].Start;
        Assert.Equal(kept, log.TruncateBefore(kept + 10));
        Assert.True(log.SizeBytes < size);
        Assert.Equal(positions.Where(position => position >= kept), ReadAll(log, LogReadMode.IndexOnly, out _).Select(static entry => entry.Position));
        Assert.Equal(LogError.PositionOutOfRange, Assert.Throws<LogException>(() => log.OpenReader(positions[0], LogReadMode.IndexOnly)).Error);
        Assert.False(log.TryReadAt(positions[0], new byte[10]));
        Assert.Equal(log.Segments[^1].Start, log.TruncateBefore(long.MaxValue));
    }

    [Fact]
    public async Task Open_InUseNewerOrForeign_IsRefusedPrecisely()
    {
        CrashFileSystem files = NewDisk();
        SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions());
        Assert.Equal(LogError.InUse, Assert.Throws<LogException>(() => SegmentLog.Open(files, "/log", new SegmentLogOptions())).Error);
        await FillAsync(log, 1);
        await log.DisposeAsync();
        files.Overwrite("/log/FORMAT", "weir-log 2\n"u8);
        Assert.Equal(LogError.NewerFormat, Assert.Throws<LogException>(() => SegmentLog.Open(files, "/log", new SegmentLogOptions())).Error);
        files.Overwrite("/log/FORMAT", "something else\n"u8);
        Assert.Equal(LogError.NotALog, Assert.Throws<LogException>(() => SegmentLog.Open(files, "/log", new SegmentLogOptions())).Error);
        files.Delete("/log/FORMAT");
        Assert.Equal(LogError.NotALog, Assert.Throws<LogException>(() => SegmentLog.Open(files, "/log", new SegmentLogOptions())).Error);
    }

    [Fact]
    public async Task Append_TooLargeOverloadedOrClosed_IsRefused()
    {
        CrashFileSystem files = NewDisk();
        SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxEntryBytes = 100, MaxPendingBytes = 1000 });
        Assert.Equal(LogError.TooLarge, (await Assert.ThrowsAsync<LogException>(async () => await log.AppendAsync(new byte[1], new byte[100], CancellationToken.None))).Error);
        await FillAsync(log, 1);
        await log.DisposeAsync();
        Assert.Equal(LogError.Closed, (await Assert.ThrowsAsync<LogException>(async () => await log.AppendAsync(new byte[1], new byte[10], CancellationToken.None))).Error);
    }

    [Fact]
    public async Task Append_DiskFull_FailsCleanlyAndHealsByItself()
    {
        CrashFileSystem files = NewDisk();
        await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions());
        await FillAsync(log, 5);
        long end = log.DurableEnd;
        foreach (long free in (long[])[0, 10, 60, 100])
        {
            files.FreeBytes = free;
            LogException error = await Assert.ThrowsAsync<LogException>(async () => await log.AppendAsync(Bytes(1, 10), Bytes(1, 200), CancellationToken.None));
            Assert.Equal(LogError.DiskFull, error.Error);
            Assert.Equal(end, log.DurableEnd);
        }

        files.FreeBytes = null;
        await FillAsync(log, 5);
        Assert.Equal(10, ReadAll(log, LogReadMode.Payloads, out long skipped).Count);
        Assert.Equal(0, skipped);
    }

    [Fact]
    public async Task Open_TailCutAtAnyByte_KeepsEveryBlockBeforeIt()
    {
        CrashFileSystem files = NewDisk();
        List<long> positions;
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions())) positions = await FillAsync(log, 3);
        byte[] whole = files.Read(FirstSegment);
        // A segment left without any block is removed, so the first stays.
        for (int length = whole.Length - 1; length >= positions[0] + 50; length--)
        {
            files.Overwrite(FirstSegment, whole.AsSpan(0, length));
            await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions());
            int expected = positions.Count(position => position + 50 <= length);
            Assert.Equal(expected, ReadAll(log, LogReadMode.Payloads, out long skipped).Count(static entry => !entry.Damaged));
            Assert.Equal(0, skipped);
            await log.DisposeAsync();
            files.Overwrite(FirstSegment, whole);
        }
    }

    [Fact]
    public async Task Open_AnyBitFlipped_NeverGivesAWrongPayloadAndLosesOneBlockAtMost()
    {
        CrashFileSystem files = NewDisk();
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions())) await FillAsync(log, 4);
        byte[] whole = files.Read(FirstSegment);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)(1 << (at % 8));
            files.Overwrite(FirstSegment, damaged);
            await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions()))
            {
                List<LogEntry> entries = ReadAll(log, LogReadMode.Payloads, out long skipped);
                int good = 0;
                foreach (LogEntry entry in entries.Where(static entry => !entry.Damaged))
                {
                    var bytes = new byte[entry.PayloadLength];
                    Assert.True(log.TryReadAt(entry.Position, bytes));
                    Assert.Contains(Enumerable.Range(0, 4), i => bytes.AsSpan().SequenceEqual(Bytes(1000 + i, 50)));
                    good++;
                }

                Assert.InRange(good, 3, 4);
                // What is lost is named: as a damaged entry, a range, bytes stepped over, or a tail that did not hold together.
                if (good < 4)
                    Assert.True(entries.Exists(static entry => entry.Damaged) || skipped > 0 || log.Recovery.DamagedRanges.Count > 0 || log.Recovery.TornBytes > 0);
            }

            if (files.FileExists("/log/DAMAGED")) files.Delete("/log/DAMAGED");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(120)]
    public async Task Open_OlderSegmentCutShort_IsNamedAndTheRestServed(int length)
    {
        CrashFileSystem files = NewDisk();
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 })) await FillAsync(log, 20);
        byte[] whole = files.Read(FirstSegment);
        files.Overwrite(FirstSegment, whole.AsSpan(0, length));
        await using SegmentLog again = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        Assert.NotEmpty(again.Recovery.DamagedRanges);
        int left = ReadAll(again, LogReadMode.Payloads, out long skipped).Count;
        Assert.InRange(left, 10, 19);
        Assert.True(skipped > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(40)]
    public async Task Open_NewestSegmentWithoutAWholeBlock_ItsPositionsAreGivenOutAgain(int length)
    {
        CrashFileSystem files = NewDisk();
        long start;
        int before;
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 }))
        {
            await FillAsync(log, 20);
            (start, before) = (log.NewestStart, ReadAll(log, LogReadMode.Payloads, out _).Count(entry => entry.Position < log.NewestStart));
        }

        string newest = $"/log/{start:D20}.seg";
        files.Overwrite(newest, files.Read(newest).AsSpan(0, length));
        await using SegmentLog again = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        Assert.Empty(again.Recovery.RemovedFiles);
        Assert.Equal((start, before), (again.DurableEnd, ReadAll(again, LogReadMode.Payloads, out _).Count));
        await FillAsync(again, 1);
        Assert.Equal(before + 1, ReadAll(again, LogReadMode.Payloads, out long skipped).Count);
        Assert.Equal(0, skipped);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public async Task Open_OnlySegmentWithoutABlock_IsRemoved(int length)
    {
        CrashFileSystem files = NewDisk();
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions())) await FillAsync(log, 1);
        files.Overwrite(FirstSegment, files.Read(FirstSegment).AsSpan(0, length));

        await using SegmentLog again = SegmentLog.Open(files, "/log", new SegmentLogOptions());

        Assert.Equal([FirstSegment], again.Recovery.RemovedFiles);
        Assert.False(files.FileExists(FirstSegment));
        await FillAsync(again, 1);
        Assert.Single(ReadAll(again, LogReadMode.Payloads, out _));
    }

    // Killed while it began a segment; then the one before loses its end.
    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public async Task Open_SegmentBeforeAnEmptyNewestIsShort_IsDamageAndNoTornEnd(int newestLength)
    {
        CrashFileSystem files = NewDisk();
        LogSegment older, newest;
        int before;
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 }))
        {
            await FillAsync(log, 20);
            (older, newest) = (log.Segments[^2], log.Segments[^1]);
            before = ReadAll(log, LogReadMode.Payloads, out _).Count(entry => entry.Position < older.Start);
        }

        string newestPath = $"/log/{newest.Start:D20}.seg", olderPath = $"/log/{older.Start:D20}.seg";
        files.Overwrite(newestPath, files.Read(newestPath).AsSpan(0, newestLength));
        files.Overwrite(olderPath, files.Read(olderPath).AsSpan(0, 200));
        // However often it is opened before anything is appended.
        await using (SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 }))
        {
        }

        await using SegmentLog again = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        Assert.Equal([(older.Start + 200, newest.Start)], again.Recovery.DamagedRanges);
        Assert.Equal(newest.Start, again.DurableEnd);
        int left = ReadAll(again, LogReadMode.Payloads, out _).Count;
        Assert.True(left > before, "what is whole of it must stay");
        await FillAsync(again, 1);
        Assert.Equal(newest.Start, again.NewestStart);
        Assert.Equal(left + 1, ReadAll(again, LogReadMode.Payloads, out long skipped).Count);
        Assert.True(skipped > 0, "nothing may be written where the damage is");
    }

    [Fact]
    public async Task Open_ManySegments_ReadsTheHeadersOfTheOldAndTheNewest()
    {
        CrashFileSystem files = NewDisk();
        int segments;
        string newest;
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 2000 }))
        {
            await FillAsync(log, 800);
            (segments, newest) = (log.Segments.Count, $"/log/{log.NewestStart:D20}.seg");
        }

        Assert.True(segments > 40, $"only {segments} segments");
        files.CountReads = path => path.EndsWith(".seg", StringComparison.Ordinal) && path != newest;
        (files.Reads, files.ReadBytes) = (0, 0);
        await using SegmentLog again = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 2000 });
        Assert.Equal((segments - 1, 32L * (segments - 1)), (files.Reads, files.ReadBytes));
    }

    [Fact]
    public async Task OpenReadOnly_BesideItsUser_SeesWhatIsDurableAndChangesNothing()
    {
        CrashFileSystem files = NewDisk();
        await using SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        await FillAsync(log, 20);
        string newest = $"/log/{log.NewestStart:D20}.seg";
        // As a block looks that is being written.
        files.Overwrite(newest, [.. files.Read(newest), .. "WBLK and no more"u8]);
        int steps = files.Steps;

        await using (SegmentLog view = SegmentLog.OpenReadOnly(files, "/log", new SegmentLogOptions()))
        {
            Assert.Equal(20, ReadAll(view, LogReadMode.Payloads, out long skipped).Count);
            Assert.Equal((0, 16), (skipped, view.Recovery.TornBytes));
            Assert.Empty(new LogVerifier(view).Run());
            Assert.Equal(LogError.Closed, (await Assert.ThrowsAsync<LogException>(() => FillAsync(view, 1))).Error);
        }

        Assert.Equal(steps, files.Steps);
        await FillAsync(log, 1);
        Assert.Equal(LogError.NotALog, Assert.Throws<LogException>(() => SegmentLog.OpenReadOnly(files, "/nothing", new SegmentLogOptions())).Error);
    }

    [Fact]
    public async Task Open_OlderSegmentGone_IsNamedAndTheRestServed()
    {
        CrashFileSystem files = NewDisk();
        string second;
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 }))
        {
            await FillAsync(log, 20);
            second = $"/log/{log.Segments[1].Start:D20}.seg";
        }

        files.Delete(second);
        await using SegmentLog again = SegmentLog.Open(files, "/log", new SegmentLogOptions { MaxSegmentBytes = 500 });
        Assert.NotEmpty(again.Recovery.DamagedRanges);
        Assert.InRange(ReadAll(again, LogReadMode.Payloads, out _).Count, 10, 19);
    }

    [Fact]
    public async Task Bytes_OfSegmentAndBlock_AreFrozen()
    {
        CrashFileSystem files = NewDisk();
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(0x1122334455));
        await using (SegmentLog log = SegmentLog.Open(files, "/log", new SegmentLogOptions { Time = time }))
            Assert.Equal(79, await log.AppendAsync(new byte[] { 1, 2, 3 }, new byte[] { 9, 8, 7, 6 }, CancellationToken.None));
        Assert.Equal("weir-log 1\n", System.Text.Encoding.ASCII.GetString(files.Read("/log/FORMAT")));
        Assert.Equal(
            // Segment header, block header, index row, payload.
            "574549525345473107c2698c0100000000000000000000005544332211000000"
            + "57424c4bed7a6b4d20000000000000000f0000000400000001000000628862d3"
            + "04000000f192fb0703000000010203"
            + "09080706",
            Convert.ToHexStringLower(files.Read(FirstSegment)));
    }
}
