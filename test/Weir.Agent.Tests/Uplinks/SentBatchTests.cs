using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

public sealed class SentBatchTests
{
    private const ulong Epoch = 7;

    [Fact]
    public void Take_OfSeqs_GivesEachEntryOnce()
    {
        SentBatch batch = Batch(3, 4, 5, 9);
        Assert.Equal([4UL, 5], Seqs(batch.Take(Epoch, [new SeqRange { First = 4, Last = 6 }])));
        Assert.Equal(2, batch.Open);
        Assert.Equal([3UL, 9], Seqs(batch.Take(Epoch, [new SeqRange { First = 9, Last = ulong.MaxValue }, new SeqRange { First = 0, Last = 5 }])));
        Assert.Equal(0, batch.Open);
        Assert.Empty(batch.Take(Epoch, [new SeqRange { First = 0, Last = ulong.MaxValue }]));
        Assert.Equal(0, batch.Open);
    }

    [Fact]
    public void Take_OfAnotherEpoch_OrOfARangeUpsideDown_GivesNothing()
    {
        SentBatch batch = Batch(1, 2);
        batch.Take(Epoch, [new SeqRange { First = 1, Last = 1 }]);
        Assert.Empty(batch.Take(0, [new SeqRange { First = 0, Last = ulong.MaxValue }]));
        Assert.Empty(batch.Take(Epoch, [new SeqRange { First = 2, Last = 1 }]));
        Assert.Equal(1, batch.Open);
    }

    [Fact]
    public void Take_OfPlaces_IgnoresThoseAnsweredAndThoseThatAreNone()
    {
        SentBatch batch = Batch(1, 2, 3, 4);
        Assert.Equal([2UL], Seqs(batch.Take([1, 1, 99])));
        Assert.Empty(batch.Take([1]));
        Assert.Equal([1UL, 3, 4], Seqs(batch.Take([])));
        Assert.Equal(0, batch.Open);
        Assert.Empty(batch.Take([]));
    }

    private static SentBatch Batch(params ulong[] seqs) =>
        new(1, EntryClass.Live, [.. seqs.Select(static seq => new SpooledEntry(Epoch, 1, new EntryHeader { Kind = EntryKind.Samples, Seq = seq }, (long)seq * 100, 50))], 0);

    private static IEnumerable<ulong> Seqs(List<SpooledEntry> entries) => entries.Select(static entry => entry.Seq);
}
