using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

/// <summary>Damage that looks like a block that never was: what others remember of it must not be taken for what comes next.</summary>
public sealed class StepOverTests
{
    private static readonly SegmentLogOptions Options = new() { MaxSegmentBytes = 500 };

    private readonly CrashFileSystem _files = new();

    public StepOverTests()
    {
        _files.CreateDirectory("/");
        _files.CreateDirectory("/log");
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 40)]
    [InlineData(2, 60)]
    [InlineData(1, 0)]
    [InlineData(1, 60)]
    public async Task StepOver_LastBlockDamaged_IsNamedAndItsPositionsAreNotGivenOutAgain(int entries, int offset)
    {
        (long last, long floor) = await WriteAsync(entries);
        Flip(0, last + offset);
        long end;
        await using (SegmentLog log = Open())
        {
            end = log.DurableEnd;
            Assert.True(end < floor);
            Assert.Equal([(end, floor)], log.StepOver(floor, floor));
            Assert.Equal((floor, true), (log.DurableEnd, log.NextBlockBeginsSegment));
            Assert.Empty(Read(log, floor));
        }

        // Nothing was written, and so the next start finds the same.
        await using (SegmentLog log = Open())
        {
            Assert.Equal([(end, floor)], log.StepOver(floor, floor));
            Assert.True(await AppendAsync(log, 7) > floor);
            Assert.Equal([7], Read(log, floor));
        }

        await using SegmentLog again = Open();
        Assert.Empty(again.StepOver(floor, floor));
        Assert.Equal(entries > 1 ? [(end, floor)] : [], again.Recovery.DamagedRanges);
        Assert.Equal(entries > 1 ? [0, 7] : [7], Read(again, again.Start));
    }

    [Fact]
    public async Task StepOver_CrashAtAnyStepOfTheNextAppend_IsFoundAgainAndTheAppendIsBehind()
    {
        for (int step = 1, crashes = 0; ; step++)
        {
            var fresh = new StepOverTests();
            (long last, long floor) = await fresh.WriteAsync(2);
            fresh.Flip(0, last);
            long kept = -1;
            fresh._files.CrashAtStep = fresh._files.Steps + step;
            try
            {
                await using SegmentLog log = fresh.Open();
                log.StepOver(floor, floor);
                kept = await AppendAsync(log, 5);
            }
            catch (IOException)
            {
                crashes++;
            }

            bool hasStopped = fresh._files.HasStopped;
            fresh._files.CrashAtStep = 0;
            fresh._files.Crash(new Random(step));
            await using SegmentLog again = fresh.Open();
            again.StepOver(floor, floor);
            Assert.True(await AppendAsync(again, 6) > floor);
            List<int> read = Read(again, floor);
            Assert.Contains(6, read);
            if (kept >= 0) Assert.Equal([5, 6], read);
            if (hasStopped) continue;
            Assert.True(crashes > 3);
            return;
        }
    }

    [Fact]
    public async Task StepOver_OldestSegmentGone_ReadsFromTheStart()
    {
        await WriteAsync(20);
        _files.Delete(PathOf(0));
        await using SegmentLog log = Open();
        Assert.Throws<LogException>(() => log.OpenReader(100, LogReadMode.Payloads));
        Assert.Equal([(100, log.Start)], log.StepOver(100, 100));
        Assert.Equal([(100, log.Start)], log.Recovery.DamagedRanges);
        Assert.Equal(Read(log, log.Start), Read(log, 100));
        Assert.Throws<LogException>(() => log.OpenReader(99, LogReadMode.Payloads));
    }

    [Fact]
    public async Task StepOver_NothingLost_ChangesNothing()
    {
        (long last, long floor) = await WriteAsync(2);
        await using SegmentLog log = Open();
        Assert.Empty(log.StepOver(last, floor));
        Assert.False(log.NextBlockBeginsSegment);
        Assert.Empty(log.Recovery.DamagedRanges);
    }

    [Fact]
    public async Task Open_DamagedEntryCutOffLater_ItsNewPositionIsNotTakenForDamaged()
    {
        long first;
        await using (SegmentLog log = Open())
        {
            using var writing = new ManualResetEventSlim();
            using var appended = new ManualResetEventSlim();
            _files.BeforeWrite = _ =>
            {
                writing.Set();
                appended.Wait();
            };
            Task<long> before = AppendAsync(log, 0);
            writing.Wait(TestContext.Current.CancellationToken);
            // One block with two entries, of which the second is damaged, and later the whole block.
            Task<long>[] both = [log.AppendAsync(new byte[] { 1 }, new byte[50], CancellationToken.None).AsTask(), log.AppendAsync(new byte[] { 2 }, new byte[50], CancellationToken.None).AsTask()];
            appended.Set();
            first = await before;
            await Task.WhenAll(both);
            Assert.Equal(2, log.Commits);
            _files.BeforeWrite = null;
            Flip(0, await both[1]);
        }

        await using (SegmentLog log = Open()) Assert.Single(log.Recovery.DamagedEntries);
        byte[] bytes = _files.Read(PathOf(0));
        _files.Overwrite(PathOf(0), bytes.AsSpan(0, (int)first + 50));
        await using SegmentLog again = Open();
        Assert.Empty(DamageFile.Read(_files, "/log"));
    }

    private SegmentLog Open() => SegmentLog.Open(_files, "/log", Options);

    private async Task<(long Last, long End)> WriteAsync(int entries)
    {
        await using SegmentLog log = Open();
        long last = 0;
        for (int i = 0; i < entries; i++)
        {
            last = Math.Max(log.DurableEnd, BlockFormat.SegmentHeaderBytes);
            await AppendAsync(log, (byte)i);
        }

        return (last, log.DurableEnd);
    }

    private static async Task<long> AppendAsync(SegmentLog log, byte value) => await log.AppendAsync(new[] { value }, new byte[50], CancellationToken.None);

    private static List<int> Read(SegmentLog log, long from)
    {
        var read = new List<int>();
        using LogReader reader = log.OpenReader(from, LogReadMode.Payloads);
        while (reader.TryRead(out LogEntry entry)) read.Add(entry.Index.Span[0]);
        return read;
    }

    private void Flip(long segment, long position)
    {
        byte[] bytes = _files.Read(PathOf(segment));
        bytes[position - segment] ^= 1;
        _files.Overwrite(PathOf(segment), bytes);
    }

    private static string PathOf(long segment) => FormattableString.Invariant($"/log/{segment:D20}.seg");
}
