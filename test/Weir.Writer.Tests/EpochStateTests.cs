using Weir.Frames;
using Weir.Log;

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
        state.Refuse(950);
        state.Know(1200);
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
        Assert.Equal(state.Holes()!.Ranges, read.Holes()!.Ranges);
        Assert.Equal(1200UL, read.LastKnown);
    }

    [Fact]
    public void Holes_AreWhatIsNeitherStoredNorDroppedNorRefused()
    {
        var state = new EpochState();
        Assert.Null(state.Holes());
        foreach (ulong seq in (ulong[])[3, 4, 8]) state.Settle(Frame(seq, 1000, seq), 1000);
        state.Drop(6, 6);
        state.Refuse(2);
        Assert.Equal([(1UL, 1UL), (5UL, 5UL), (7UL, 7UL)], state.Holes()!.Ranges);
        state.Know(10);
        state.Unsettle(4);
        Assert.Equal([(1UL, 1UL), (4UL, 5UL), (7UL, 7UL), (9UL, 10UL)], state.Holes()!.Ranges);
        Assert.Equal(Verdict.New, state.Judge(Frame(4, 1000, 4), 1000));
        foreach (ulong seq in (ulong[])[1, 2, 4, 5, 7, 9, 10]) state.Settle(Frame(seq, 1000, seq), 1000);
        Assert.Null(state.Holes());
    }

    [Fact]
    public void Holes_BehindMoreDroppedRefusedAndLostRunsThanAreLookedAfter_AreNamed()
    {
        var state = new EpochState();
        var lost = new SeqSet();
        for (ulong seq = 1; seq <= 6000; seq++)
        {
            if (seq % 2 == 0) state.Settle(Frame(seq, 1000, seq), 1000);
            else if (seq % 3 == 0) state.Refuse(seq);
            else if (seq % 3 == 1) state.Drop(seq, seq);
            else lost.Add(seq);
        }

        state.Unsettle(5000);
        state.Unsettle(6000);
        Assert.Equal([(5000UL, 5000UL), (6000UL, 6000UL)], state.Holes(lost)!.Ranges);
        Assert.Equal([(5000UL, 5000UL)], state.HolesIn(4994, 5000).Ranges.Where(range => !lost.Contains(range.First)));
        Assert.Equal(Enumerable.Range(0, 6001).Where(seq => seq is 5000 or 6000 || lost.Contains((ulong)seq)), state.HolesIn(1, 9000).Ranges.SelectMany(static range => new[] { (int)range.First, (int)range.Last }).Distinct());
    }

    [Fact]
    public void Snapshot_OfVersion3_IsRead()
    {
        var bytes = new ByteWriter();
        bytes.U8(3);
        bytes.Varint(0);
        bytes.Varint(1);
        bytes.String("t");
        bytes.Bytes(new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2 });
        bytes.Varint(0);
        bytes.Varint(1);
        bytes.U64(7);
        // Stored 1 to 5, dropped 6, newest time 1000, no hashes; then the host that nobody has described.
        bytes.Bytes(new byte[] { 1, 1, 4, 1, 6, 0, 0xE8, 0x07, 0, 0 });
        AgentState agent = Assert.Single(StateSnapshot.TryRead(bytes.Written, new SharedObjects())!).Value;
        EpochState state = agent.Epochs[7];
        Assert.Equal(((1UL, 5UL), (6UL, 6UL), 1000L), (Assert.Single(state.Stored.Ranges), Assert.Single(state.Dropped.Ranges), state.NewestMs));
        Assert.Null(state.Holes());
    }
}
