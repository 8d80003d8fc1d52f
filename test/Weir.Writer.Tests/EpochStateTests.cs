using Weir.Frames;

namespace Weir.Writer.Tests;

public sealed class EpochStateTests
{
    private static EntryHeader Frame(ulong seq, long firstMs, ulong hash) => new()
    {
        Kind = EntryKind.Samples, Seq = seq, FirstMs = firstMs, Ticks = 1, Series = 1, ContentHash = hash,
    };

    [Fact]
    public void Judge_SettledNameAndEqualContent_IsDuplicate()
    {
        var state = new EpochState();
        state.Settle(Frame(1, 1000, 7), 1000);
        Assert.Equal(Verdict.Duplicate, state.Judge(Frame(1, 1000, 7), 1000));
        Assert.Equal(Verdict.New, state.Judge(Frame(2, 2000, 7), 2000));
    }

    [Fact]
    public void Judge_SettledNameAndOtherContent_IsConflict()
    {
        var state = new EpochState();
        state.Settle(Frame(1, 1000, 7), 1000);
        Assert.Equal(Verdict.Conflict, state.Judge(Frame(1, 1000, 8), 1000));
    }

    [Fact]
    public void Judge_HashNoLongerHeld_GoesByTime()
    {
        var state = new EpochState();
        for (ulong seq = 1; seq <= EpochState.HashesHeld + 1; seq++) state.Settle(Frame(seq, (long)seq * 1000, seq), (long)seq * 1000);
        Assert.Equal(Verdict.Duplicate, state.Judge(Frame(1, 1000, 99), 1000));
        Assert.Equal(Verdict.Conflict, state.Judge(Frame(1, 9_999_000, 99), 9_999_000));
    }

    [Fact]
    public void Judge_DroppedName_IsNew_AndStoredWinsInEitherOrder()
    {
        var state = new EpochState();
        state.Drop(1, 10);
        Assert.Equal(Verdict.New, state.Judge(Frame(5, 1000, 1), 1000));
        state.Settle(Frame(5, 1000, 1), 1000);
        state.Drop(1, 10);
        Assert.Equal(Verdict.Duplicate, state.Judge(Frame(5, 1000, 1), 1000));
    }

    [Fact]
    public void Snapshot_RoundTrip_JudgesTheSame()
    {
        var state = new EpochState();
        for (ulong seq = 1; seq <= 700; seq += 1 + (seq % 3)) state.Settle(Frame(seq, (long)seq * 1000, seq * 31), (long)seq * 1000);
        state.Drop(800, 900);
        var bytes = new ByteWriter();
        state.Write(bytes);
        var reader = new ByteReader(bytes.Written);
        EpochState read = EpochState.Read(ref reader);
        Assert.False(reader.Failed);
        Assert.Equal(0, reader.Remaining);
        Assert.Equal(state.NewestMs, read.NewestMs);
        for (ulong seq = 1; seq <= 1000; seq++)
        {
            foreach (ulong hash in (ReadOnlySpan<ulong>)[seq * 31, 5])
            {
                EntryHeader frame = Frame(seq, (long)seq * 1000, hash);
                Assert.Equal(state.Judge(frame, frame.FirstMs), read.Judge(frame, frame.FirstMs));
            }
        }

        Assert.Equal(state.Dropped.Ranges, read.Dropped.Ranges);
    }
}
