using Microsoft.Extensions.Time.Testing;
using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

/// <summary>Pages that the disk does not give: not taken for damage before they have failed several times, at intervals; and never cut off.</summary>
public sealed class ReadFailureTests
{
    private const int PayloadBytes = 800;

    // Header and index of a block with one entry, of which the index has 4 bytes.
    private const int HeadBytes = BlockFormat.BlockHeaderBytes + BlockFormat.RowBytes + 4;

    private readonly CrashFileSystem _files = new();
    private readonly FakeTimeProvider _time = new();
    private int? _page;
    private int _pages = 1;

    public ReadFailureTests()
    {
        _files.CreateDirectory("/");
        _files.CreateDirectory("/log");
        _files.BeforeRead = (path, offset, length) =>
        {
            if (path.EndsWith(".seg", StringComparison.Ordinal) && _page is { } page && offset < page + (_pages * 4096) && offset + length > page) throw new IOException("Input/output error", 5);
        };
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The segment's header, blocks in the middle, and the last one.
    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(20_480)]
    [InlineData(32_768)]
    public async Task Open_PageNotGivenForAMoment_NothingIsCutOrLostAndTheLogGoesOn(int page)
    {
        List<long> positions = await WriteAsync(40);
        byte[] before = _files.Read(Path(0));
        _page = page;
        await using SegmentLog log = Open();
        positions.Add(await log.AppendAsync(new byte[4], new byte[PayloadBytes], Cancel));
        Assert.Equal(before, _files.Read(Path(0)).AsSpan(0, before.Length));
        Assert.Equal(0, log.Recovery.TornBytes);
        _time.Advance(TimeSpan.FromSeconds(1));
        if (page > 0) Assert.Equal(LogError.ReadFailed, Assert.Throws<LogException>(() => Intact.Positions(log)).Error);
        _page = null;
        Assert.Equal(positions, Intact.Positions(log));
        await log.DisposeAsync();
        await using SegmentLog again = Open();
        Assert.Equal(positions, Intact.Positions(again));
        Assert.Empty(again.Recovery.DamagedRanges);
    }

    [Fact]
    public async Task Open_NewestSegmentNotGivenAndAnEmptyOneBehindIt_GoesOnBehindBoth()
    {
        List<long> positions = await WriteAsync(3);
        long end = positions[^1] + PayloadBytes;
        using (IFile empty = _files.Create(Path(end)))
        {
        }

        _page = 0;
        await using SegmentLog log = Open();
        Assert.Empty(log.Recovery.RemovedFiles);
        positions.Add(await log.AppendAsync(new byte[4], new byte[PayloadBytes], Cancel));
        _page = null;
        Assert.Equal((end, positions.Count), (log.NewestStart, Intact.Positions(log).Count));
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(20_480)]
    public async Task Read_PageNeverGiven_CountsAsDamageAfterSpacedAttemptsAndTheBlocksBesideItStay(int page)
    {
        List<long> positions = await WriteAsync(40);
        byte[] bytes = _files.Read(Path(0));
        bytes[positions[1] - 30] ^= 1;
        _files.Overwrite(Path(0), bytes);
        _page = page;
        await using SegmentLog log = Open();
        Assert.Equal(0, log.Recovery.TornBytes);
        DateTimeOffset begun = _time.GetUtcNow();
        List<long>? read = null;
        while (read is null)
        {
            try
            {
                read = Intact.Positions(log);
            }
            catch (LogException e) when (e.Error == LogError.ReadFailed)
            {
                // However often it is read meanwhile, only time makes damage of it.
                for (int i = 0; i < 20; i++) Assert.Throws<LogException>(() => Intact.Positions(log));
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.InRange(_time.GetUtcNow() - begun, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(90));
        Assert.Equal(positions.Where(position => position != positions[1] && (position + PayloadBytes <= page || position - HeadBytes >= page + 4096)), read);
        _page = null;
        Assert.Equal(positions.Where(position => position != positions[1]), Intact.Positions(log));
    }

    [Fact]
    public async Task TryReadAt_NotGiven_FailsUntilItCountsAsDamageAndReadsAgainWhenTheDiskGivesIt()
    {
        List<long> positions = await WriteAsync(10);
        await using SegmentLog log = Open();
        _page = 4096;
        long position = positions.First(static position => position > 4096);
        var bytes = new byte[PayloadBytes];
        for (int i = 1; i < ReadAttempts.Most; i++)
        {
            Assert.Equal((LogError.ReadFailed, position), Failure(() => log.TryReadAt(position, bytes)));
            _time.Advance(TimeSpan.FromSeconds(8));
        }

        Assert.False(log.TryReadAt(position, bytes));
        _page = null;
        Assert.True(log.TryReadAt(position, bytes));
    }

    [Fact]
    public async Task TryReadAt_GivenInBetween_CountsTheFailuresAnew()
    {
        List<long> positions = await WriteAsync(10);
        await using SegmentLog log = Open();
        long position = positions.First(static position => position > 4096);
        var bytes = new byte[PayloadBytes];
        for (int round = 0; round < 3; round++)
        {
            _page = 4096;
            for (int i = 1; i < ReadAttempts.Most; i++)
            {
                Assert.Equal((LogError.ReadFailed, position), Failure(() => log.TryReadAt(position, bytes)));
                _time.Advance(TimeSpan.FromSeconds(8));
            }

            _page = null;
            Assert.True(log.TryReadAt(position, bytes));
        }
    }

    [Fact]
    public async Task Read_PageThatFailsBesideADamagedOne_HasAttemptsOfItsOwn()
    {
        List<long> positions = await WriteAsync(40);
        await using SegmentLog log = Open();
        _page = 4096;
        while (!CanRead()) _time.Advance(TimeSpan.FromSeconds(1));
        _pages = 2;
        Assert.False(CanRead());
        _page = null;
        Assert.Equal(positions, Intact.Positions(log));

        bool CanRead()
        {
            try
            {
                return Intact.Positions(log).Count > 0;
            }
            catch (LogException e) when (e.Error == LogError.ReadFailed)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task TryReadAt_SegmentThatCannotBeOpened_IsNoDamageHoweverOften()
    {
        List<long> positions = await WriteAsync(10, maxSegmentBytes: 2000);
        await using SegmentLog log = Open();
        _files.BeforeOpen = static path =>
        {
            if (path.EndsWith(".seg", StringComparison.Ordinal)) throw new IOException("Too many open files", 24);
        };
        var bytes = new byte[PayloadBytes];
        for (int i = 0; i < 3 * ReadAttempts.Most; i++)
        {
            Assert.Equal((LogError.ReadFailed, positions[0]), Failure(() => log.TryReadAt(positions[0], bytes)));
            Assert.Throws<LogException>(() => Intact.Positions(log));
            _time.Advance(TimeSpan.FromSeconds(8));
        }

        _files.BeforeOpen = null;
        Assert.Equal(positions, Intact.Positions(log));
    }

    [Fact]
    public async Task OpenReadOnly_PageNotGiven_IsNamedAtOnce()
    {
        List<long> positions = await WriteAsync(40);
        _page = 4096;
        await using var log = SegmentLog.OpenReadOnly(_files, "/log", new SegmentLogOptions { Time = _time });
        Assert.NotEmpty(log.Recovery.DamagedRanges);
        Assert.InRange(Intact.Positions(log).Count, positions.Count - 8, positions.Count - 4);
    }

    private SegmentLog Open() => SegmentLog.Open(_files, "/log", new SegmentLogOptions { Time = _time });

    private async Task<List<long>> WriteAsync(int entries, long maxSegmentBytes = 64 << 20)
    {
        var positions = new List<long>();
        await using SegmentLog log = SegmentLog.Open(_files, "/log", new SegmentLogOptions { Time = _time, MaxSegmentBytes = maxSegmentBytes });
        for (int i = 0; i < entries; i++) positions.Add(await log.AppendAsync(new byte[4], new byte[PayloadBytes], Cancel));
        return positions;
    }

    private static (LogError Error, long Position) Failure(Func<object> read)
    {
        LogException e = Assert.Throws<LogException>(read);
        return (e.Error, e.Position);
    }

    private static string Path(long start) => $"/log/{start:D20}.seg";
}
