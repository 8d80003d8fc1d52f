using Weir.Contracts;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

/// <summary>The snapshot is made by reading the log once more: it must be of the same records as the store's frames.</summary>
public sealed class SecondReadingTests
{
    private const long T0 = 1_700_000_000_000;

    private readonly TestAgent _agent = new(1);

    [Fact]
    public async Task Advance_BlockDamagedSinceItWasRead_IsRefusedSoThatNothingIsStoredTwice()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 5);
        FlipIndex(fixture, fixture.Store.Frames[2].Position);
        IOException refused = Assert.ThrowsAny<IOException>(() => fixture.Seal(Partition(fixture), Ends(fixture)));
        Assert.Contains("not readable any more", refused.Message, StringComparison.Ordinal);
        Assert.Equal(default, fixture.Store.Partitions[Partition(fixture)].Progress.Positions);

        // As it was again: the snapshot knows every name.
        FlipIndex(fixture, fixture.Store.Frames[2].Position);
        fixture.Writer.Advance();
        await fixture.RestartAsync();
        await fixture.WriteAsync(_agent, frames);
        Assert.Empty(fixture.Store.Frames);
        Assert.Equal(5, fixture.Store.Sealed.Count);
    }

    [Fact]
    public async Task Advance_BlockReadableThatWasNot_ItsCopyBehindTheProgressStillCounts()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 5);
        long position = fixture.Store.Frames[2].Position;
        await fixture.RestartAsync(() => FlipIndex(fixture, position));
        Assert.Equal(4, fixture.Store.Frames.Count);
        LogPositions ends = Ends(fixture);
        await fixture.WriteAsync(_agent, [frames[2]]);
        Assert.Equal(5, fixture.Store.Frames.Count);

        FlipIndex(fixture, position);
        fixture.Seal(Partition(fixture), ends);
        await fixture.RestartAsync();
        Assert.Equal(frames.Length, fixture.Store.Sealed.Count + fixture.Store.Frames.Count);
        Assert.Equal(5UL, Assert.Single(fixture.Store.Frames).Entry.Seq);
    }

    private int Partition(WriterFixture fixture) => _agent.Id.Partition(fixture.Log.PartitionCount);

    private LogPositions Ends(WriterFixture fixture) =>
        new(fixture.Log.Partition(LogClass.Live, Partition(fixture)).DurableEnd, fixture.Log.Partition(LogClass.Backfill, Partition(fixture)).DurableEnd);

    // The index of a record with one frame stands ahead of it, behind it the header of the record.
    private void FlipIndex(WriterFixture fixture, long position) => fixture.FlipBit(LogClass.Live, Partition(fixture), position - 90);

    private async Task<byte[][]> WriteFramesAsync(WriterFixture fixture, int count)
    {
        await fixture.WriteAsync(_agent, _agent.Objects(T0));
        byte[][] frames = [.. Enumerable.Range(0, count).Select(i => _agent.Frame(T0 + (i * 1000)))];
        foreach (byte[] frame in frames) await fixture.WriteAsync(_agent, [frame]);
        return frames;
    }
}
