using Weir.Bench.Replay;
using Weir.Frames;

namespace Weir.Scenarios;

public sealed class HostOutboxTests
{
    private const int EntryBytes = 100;
    private const int RunBytes = EntryBytes + EntryRun.PrefixBytes;

    [Fact]
    public void Take_CreditUsedUp_NothingUntilABatchIsAnswered()
    {
        HostOutbox outbox = Outbox(frames: 10, creditBytes: (RunBytes * 3) + 1, maxBatchBytes: RunBytes);
        OutgoingBatch[] sent = [Take(outbox)!, Take(outbox)!, Take(outbox)!];

        Assert.Null(Take(outbox));
        Assert.Equal(7, outbox.OnAck(sent[1].Number, 2).Samples);

        Assert.NotNull(Take(outbox));
        Assert.Null(Take(outbox));
    }

    [Fact]
    public void Take_EntryLargerThanCredit_GoesAlone()
    {
        HostOutbox outbox = Outbox(frames: 2, creditBytes: 10, maxBatchBytes: 10);

        OutgoingBatch batch = Take(outbox)!;

        Assert.Equal(1, batch.NewFrames);
        Assert.Null(Take(outbox));
        outbox.OnAck(batch.Number, 1);
        Assert.NotNull(Take(outbox));
    }

    [Fact]
    public void Take_BatchFull_FollowingDeclarationRidesAlong()
    {
        HostOutbox outbox = Outbox([Frame(1), Frame(2), Declaration(3), Frame(4)], 2, int.MaxValue, int.MaxValue);

        Assert.Equal((2, RunBytes * 3), (Take(outbox) is { } first ? (first.NewFrames, first.RunBytes) : default));
        Assert.Equal(1, Take(outbox)!.NewFrames);
    }

    [Fact]
    public void Take_TickNotDue_TellsHowLong()
    {
        HostOutbox outbox = Outbox(frames: 2, int.MaxValue, int.MaxValue);

        Assert.Null(outbox.Take(static _ => TimeSpan.FromSeconds(3), out TimeSpan? wait));

        Assert.Equal(TimeSpan.FromSeconds(3), wait);
        Assert.False(outbox.OwesAcks);
    }

    [Fact]
    public void OnNeed_FrameBeforeItsObject_BothGoAgainObjectFirst()
    {
        HostOutbox outbox = Outbox([Object(1), Frame(2)], 1, int.MaxValue, int.MaxValue);
        OutgoingBatch first = Take(outbox)!;
        outbox.OnAck(first.Number, 1);
        outbox.OnNeed(first.Number, 2);

        OutgoingBatch again = Take(outbox)!;

        Assert.Equal((0, 0, RunBytes * 2), (again.NewFrames, again.NewSamples, again.RunBytes));
        Assert.False(outbox.IsDone);
        outbox.OnAck(again.Number, 1);
        outbox.OnAck(again.Number, 2);
        Assert.True(outbox.IsDone);
        Assert.Empty(outbox.AckLatencies.Skip(1));
    }

    [Fact]
    public void OnRetry_WithWait_NothingLeavesBeforeIt()
    {
        var time = new SteppedTime();
        HostOutbox outbox = Outbox([Frame(1), Frame(2)], 1, int.MaxValue, int.MaxValue, time);
        outbox.OnRetry(Take(outbox)!.Number, 1, TimeSpan.FromSeconds(2));

        Assert.Null(outbox.Take(static _ => TimeSpan.Zero, out TimeSpan? wait));
        Assert.Equal(TimeSpan.FromSeconds(2), wait);
        Assert.True(outbox.OwesAcks);
        time.Now += TimeSpan.FromSeconds(2);

        Assert.Equal(0, Take(outbox)!.NewFrames);
        Assert.Equal(1, Take(outbox)!.NewFrames);
    }

    [Fact]
    public void OnAck_NeverSent_Fails()
    {
        HostOutbox outbox = Outbox(frames: 2, int.MaxValue, int.MaxValue);
        OutgoingBatch batch = Take(outbox)!;

        Assert.Throws<ReplayFailedException>(() => outbox.OnAck(batch.Number, 2));
        Assert.Throws<ReplayFailedException>(() => outbox.OnAck(batch.Number + 1, 1));
    }

    private static OutgoingBatch? Take(HostOutbox outbox) => outbox.Take(static _ => TimeSpan.Zero, out _);

    private static HostOutbox Outbox(int frames, int creditBytes, int maxBatchBytes) =>
        Outbox([.. Enumerable.Range(1, frames).Select(static seq => Frame((ulong)seq))], 1, creditBytes, maxBatchBytes);

    private static HostOutbox Outbox(ReplayEntry[] entries, int batchFrames, int creditBytes, int maxBatchBytes, TimeProvider? time = null) =>
        new(entries.AsEnumerable().GetEnumerator(), batchFrames, time ?? TimeProvider.System) { CreditBytes = creditBytes, MaxBatchBytes = maxBatchBytes };

    private static ReplayEntry Frame(ulong seq) => new(seq, EntryKind.Samples, 7, 0, new byte[EntryBytes]);

    private static ReplayEntry Declaration(ulong seq) => new(seq, EntryKind.Declaration, 0, 0, new byte[EntryBytes]);

    private static ReplayEntry Object(ulong seq) => new(seq, EntryKind.Object, 0, -1, new byte[EntryBytes]);

    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
