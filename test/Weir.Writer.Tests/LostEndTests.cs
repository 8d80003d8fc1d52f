using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

/// <summary>The log begins or ends elsewhere than the writer remembers: it starts, and takes nothing new for what it knows.</summary>
public sealed class LostEndTests
{
    private const long T0 = 1_700_000_000_000;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly FakeTimeProvider _time = new();
    private readonly TestAgent _agent = new(1);

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task The_last_block_is_damaged_after_all_was_sealed_and_the_writer_goes_on_behind_it(int damagedBlocks)
    {
        await using WriterFixture fixture = await CreateAsync();
        await WriteAsync(fixture, 10);
        SegmentLog log = Live(fixture);
        LogSegment newest = log.Segments[^1];
        // A block begins where the entry before it ends.
        List<long> blocks = [newest.Start + 32, .. Entries(log, newest).SkipLast(1).Select(static entry => entry.Next)];
        long end = log.DurableEnd;
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync(() =>
        {
            foreach (long block in blocks.TakeLast(damagedBlocks)) fixture.FlipBit(LogClass.Live, Partition(fixture), block);
        });
        Assert.Equal(end, Live(fixture).DurableEnd);
        Assert.Contains(Live(fixture).Recovery.DamagedRanges, range => range.To == end);
        await fixture.WriteAsync(_agent, [_agent.Frame(T0 + 10_000)]);
        Assert.True(Assert.Single(fixture.Store.Frames).Position > end);
        await fixture.RestartAsync();
        Assert.Equal([13UL], fixture.Store.Frames.Select(static frame => frame.Entry.Seq));
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync();
        Assert.Equal(11, fixture.Store.Sealed.Count);
        _time.Advance(Day);
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.TakeResends());
    }

    [Fact]
    public async Task The_segment_that_holds_the_progress_is_gone_and_what_it_held_is_asked_for()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteAsync(fixture, 40);
        SegmentLog log = Live(fixture);
        LogSegment second = log.Segments[1];
        fixture.Seal(Partition(fixture), Ends(fixture).With(LogClass.Live, Entries(log, second)[2].Position));
        log.TruncateBefore(second.Start);
        ulong[] lost = [.. fixture.Store.Frames.Where(frame => frame.Position < second.End).Select(static frame => frame.Entry.Seq)];
        Assert.NotEmpty(lost);
        await fixture.RestartAsync(() => fixture.Files.Delete(WriterFixture.PathOf(LogClass.Live, Partition(fixture), second)));
        Assert.DoesNotContain(lost[0], fixture.Store.Frames.Select(static frame => frame.Entry.Seq));
        fixture.Writer.Heal();
        _time.Advance(Day);
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, lost[0], lost[^1])], fixture.Directives.TakeResends());
        foreach (ulong seq in lost) await fixture.WriteAsync(_agent, [frames[seq - 3]]);
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync();
        Assert.Equal(Enumerable.Range(3, 40).Select(static seq => (ulong)seq), fixture.Store.Sealed.Select(static frame => frame.Entry.Seq).Order());
    }

    [Fact]
    public async Task A_new_entry_is_not_taken_for_a_refused_one_that_stood_in_a_block_that_was_lost()
    {
        await using WriterFixture fixture = await CreateAsync();
        fixture.Horizon = new Horizon { Ahead = TimeSpan.FromHours(1), Back = TimeSpan.FromDays(7) };
        await fixture.RestartAsync();
        await fixture.WriteAsync(_agent, _agent.Objects(T0), receivedMs: T0);
        await fixture.WriteAsync(_agent, [_agent.Frame(T0)], receivedMs: T0);
        long end = Live(fixture).DurableEnd;
        await fixture.WriteAsync(_agent, [_agent.Frame(T0 + (long)(30 * Day).TotalMilliseconds)], receivedMs: T0);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        await fixture.RestartAsync(() => fixture.FlipBit(LogClass.Live, Partition(fixture), end));
        await fixture.WriteAsync(_agent, [_agent.Frame(T0 + 1000)], receivedMs: T0);
        Assert.Equal([3UL, 5UL], fixture.Store.Frames.Select(static frame => frame.Entry.Seq));
    }

    [Fact]
    public async Task A_copy_is_not_taken_for_void_where_the_end_of_the_log_was_lost_with_the_damaged_one()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteAsync(fixture, 3);
        StoreFrame last = fixture.Store.Frames[^1];
        fixture.Damage(last);
        fixture.Writer.Heal();
        // All payloads of the last block are broken: it is cut off.
        await fixture.RestartAsync();
        await fixture.WriteAsync(_agent, [frames[2]]);
        Assert.Equal([3UL, 4UL, 5UL], fixture.Store.Frames.Select(static frame => frame.Entry.Seq));
    }

    private async Task<WriterFixture> CreateAsync() => await WriterFixture.CreateAsync(time: _time);

    private async Task<byte[][]> WriteAsync(WriterFixture fixture, int count)
    {
        await fixture.WriteAsync(_agent, _agent.Objects(T0));
        byte[][] frames = [.. Enumerable.Range(0, count).Select(i => _agent.Frame(T0 + (i * 1000)))];
        foreach (byte[] frame in frames) await fixture.WriteAsync(_agent, [frame]);
        return frames;
    }

    private static List<(long Position, long Next)> Entries(SegmentLog log, LogSegment segment)
    {
        var entries = new List<(long, long)>();
        using LogReader reader = log.OpenReader(segment.Start, LogReadMode.IndexOnly);
        while (reader.TryRead(out LogEntry entry) && entry.Position < segment.End) entries.Add((entry.Position, entry.Next));
        return entries;
    }

    private SegmentLog Live(WriterFixture fixture) => fixture.Log.Partition(LogClass.Live, Partition(fixture));

    private int Partition(WriterFixture fixture) => _agent.Id.Partition(fixture.Log.PartitionCount);

    private LogPositions Ends(WriterFixture fixture) => new(Live(fixture).DurableEnd, fixture.Log.Partition(LogClass.Backfill, Partition(fixture)).DurableEnd);
}
