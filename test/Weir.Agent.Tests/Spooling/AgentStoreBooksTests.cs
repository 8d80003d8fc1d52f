using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Spooling;

/// <summary>The file <c>acks</c> as second copy: what damage takes with its names, or with the tombstone that named it, is declared all the same.</summary>
public sealed class AgentStoreBooksTests
{
    private const long Budget = 20_000;
    private const long Segment = 2_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(40)]
    [InlineData(900)]
    public async Task Restart_SegmentWithTombstonesLosesItsEnd_WhatTheyDeclaredIsDeclaredAgain(int left)
    {
        await using StoreHarness harness = await OverBudgetAsync();
        ulong epoch = harness.Store.CurrentEpoch, newest = harness.Store.OpenEpochs[0].LastSeq;
        SpooledItem victim = Tombstones(harness)[0];
        long segment = harness.Store.SegmentOf(epoch, victim.Seq, victim.Seq)!.Value;
        Assert.NotEqual(harness.Store.SegmentOf(epoch, newest, newest), segment);
        Assert.True(left < victim.Entry.Position - segment, "the tombstone must be cut off");
        HashSet<ulong> gone = [.. Enumerable.Range(1, (int)newest).Select(static seq => (ulong)seq).Except(harness.Items().Select(static item => item.Seq))];
        Cut(harness, segment, left);

        await harness.CrashAsync();

        Dictionary<ulong, DropReason> declared = Declared(harness, epoch);
        Assert.All(gone, seq => Assert.Equal(DropReason.SpoolBudget, declared[seq]));
        AssertAccountedFor(harness, epoch, newest);
        // Said once: a start with nothing new adds nothing.
        int count = Tombstones(harness).Length;
        await harness.CrashAsync();
        Assert.Equal(count, Tombstones(harness).Length);
    }

    [Fact]
    public async Task Bury_TombstoneWhoseBytesAreBroken_ItsLossIsDeclaredAgain()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        ulong epoch = harness.Store.CurrentEpoch, newest = harness.Store.OpenEpochs[0].LastSeq;
        SpooledItem victim = Tombstones(harness)[0];
        harness.Damage(victim, victim.Bytes.Length - 2);

        await harness.Store.BuryAsync(victim.Entry, DropReason.Damaged, Cancel);

        Assert.Equal(DropReason.Damaged, Declared(harness, epoch)[victim.Seq]);
        AssertAccountedFor(harness, epoch, newest);
    }

    [Fact]
    public async Task Budget_TombstoneThatDoesNotReadAnyMore_ItsLossIsCarriedOn()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        ulong epoch = harness.Store.CurrentEpoch;
        SpooledItem victim = Tombstones(harness)[0];
        harness.Damage(victim, victim.Bytes.Length - 2);

        while (harness.Store.SegmentOf(epoch, victim.Seq, victim.Seq) is not null) await harness.AppendFramesAsync(1);

        AssertAccountedFor(harness, epoch, harness.Store.OpenEpochs[0].LastSeq);
    }

    [Fact]
    public async Task Restart_TombstoneThatAGatewayHas_IsNotSaidAgain()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        ulong epoch = harness.Store.CurrentEpoch;
        SpooledItem victim = Tombstones(harness)[0];
        harness.Store.Settle(epoch, victim.Seq, victim.Seq);
        harness.Store.SaveAcks();
        Cut(harness, harness.Store.SegmentOf(epoch, victim.Seq, victim.Seq)!.Value, 40);

        await harness.CrashAsync();

        Assert.Empty(SpooledItem.SeqsOf(victim.Tombstone).Intersect(Declared(harness, epoch).Keys));
    }

    [Fact]
    public async Task Restart_BooksAreAnOldCopy_WhatLeftTheSpoolSinceIsNotSaidAgain()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        ulong epoch = harness.Store.CurrentEpoch;
        SpooledItem old = Tombstones(harness)[0];
        harness.Store.SaveAcks();
        byte[] books = harness.Files.Read(StoreHarness.Directory + "/acks");
        while (harness.Store.SegmentOf(epoch, old.Seq, old.Seq) is not null)
        {
            harness.SettleAll();
            await harness.AppendFramesAsync(1);
        }

        int before = Tombstones(harness).Length;
        await harness.Store.DisposeAsync();
        harness.Files.Overwrite(StoreHarness.Directory + "/acks", books);

        await harness.OpenAsync();

        Assert.Equal(before, Tombstones(harness).Length);
    }

    // Settled and unlinked since: an epoch that the spool does not hold any more, and one of which it holds the end.
    [Fact]
    public async Task Restart_BooksAreAnOldCopy_NothingThatWasAckedSinceIsDeclaredLost()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        await harness.AppendFramesAsync(20);
        await harness.RestartAsync();
        await harness.AppendFramesAsync(20);
        byte[] books = harness.Files.Read(StoreHarness.Directory + "/acks");
        ulong first = harness.Store.OpenEpochs[0].Epoch, second = harness.Store.CurrentEpoch;
        while (harness.Store.SegmentOf(second, 5, 5) is not null)
        {
            harness.SettleAll();
            await harness.AppendFramesAsync(1);
        }

        Assert.DoesNotContain(harness.Store.OpenEpochs, epoch => epoch.Epoch == first);
        await harness.Store.DisposeAsync();
        harness.Files.Overwrite(StoreHarness.Directory + "/acks", books);

        await harness.OpenAsync();

        Assert.Empty(Tombstones(harness));
    }

    [Fact]
    public async Task Restart_OldestSegmentIsGone_WhatItHeldIsDeclaredDamaged()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(60);
        ulong epoch = harness.Store.CurrentEpoch, last = harness.Store.OpenEpochs[0].LastSeq;
        harness.Store.Settle(epoch, 1, 3);
        harness.Store.SaveAcks();
        harness.Files.Delete($"{StoreHarness.Directory}/spool/{0L:D20}.seg");

        await harness.CrashAsync();

        Dictionary<ulong, DropReason> declared = Declared(harness, epoch);
        Assert.Equal(4UL, declared.Keys.Min());
        Assert.All(declared.Values, static reason => Assert.Equal(DropReason.Damaged, reason));
        Assert.Equal(last - 3, (ulong)harness.Items().Select(static item => item.Seq).Where(seq => seq > 3 && seq <= last).Union(declared.Keys).Count());
    }

    [Fact]
    public async Task Bury_TombstoneWhoseLossCannotBeSaidAgainNow_IsSaidAheadOfTheNextFrame()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        ulong epoch = harness.Store.CurrentEpoch, newest = harness.Store.OpenEpochs[0].LastSeq;
        SpooledItem victim = Tombstones(harness)[0];
        harness.Damage(victim, victim.Bytes.Length - 2);
        harness.Store.Appended += FailNext;
        await Assert.ThrowsAsync<LogException>(async () => await harness.Store.BuryAsync(victim.Entry, DropReason.Damaged, Cancel));
        harness.Store.Appended -= FailNext;
        Assert.DoesNotContain(victim.Tombstone.FirstSeq, Declared(harness, epoch).Keys);
        harness.Time.Advance(TimeSpan.FromSeconds(2));

        await harness.AppendFramesAsync(1);

        AssertAccountedFor(harness, epoch, newest);

        void FailNext() => harness.Files.FailNextFlush = true;
    }

    [Fact]
    public async Task Budget_BooksCannotBeWritten_IsExceededByOneSegmentMore()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        harness.Files.BeforeCreate = static path =>
        {
            if (path.EndsWith("/acks.new", StringComparison.Ordinal)) throw new IOException("no");
        };
        Assert.False(harness.Store.SaveAcks());
        long most = 0;
        for (int i = 0; i < 200; i++)
        {
            await harness.AppendFramesAsync(1);
            most = Math.Max(most, harness.Store.SizeBytes);
        }

        Assert.InRange(most, Budget + Segment, Budget + (3 * Segment));
        harness.Files.BeforeCreate = null;
        await harness.AppendFramesAsync(20);
        Assert.InRange(harness.Store.SizeBytes, 1, Budget + (2 * Segment));
    }

    [Fact]
    public async Task Bury_TombstoneThatNoGatewayTakes_IsNotWrittenAnewInACircle()
    {
        await using StoreHarness harness = await OverBudgetAsync();
        SpooledItem victim = Tombstones(harness)[0];
        int before = Tombstones(harness).Length;

        await harness.Store.BuryAsync(victim.Entry, DropReason.Rejected, Cancel);

        Assert.Equal(before + 1, Tombstones(harness).Length);
    }

    // Killed while it began the next segment: nothing behind it names what the one before has lost.
    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public async Task Restart_LastSegmentLosesItsEndAndTheNextIsEmpty_IsDeclaredDamaged(int next)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        ulong epoch = harness.Store.CurrentEpoch, last;
        do
        {
            last = harness.Store.OpenEpochs[0].LastSeq;
            await harness.AppendFramesAsync(1);
        }
        while (harness.Store.SegmentOf(epoch, last, last) == harness.Store.SegmentOf(epoch, last + 1, last + 1));

        Cut(harness, harness.Store.SegmentOf(epoch, last + 1, last + 1)!.Value, next);
        Cut(harness, harness.Store.SegmentOf(epoch, last, last)!.Value, 900);

        await harness.CrashAsync();

        Assert.Equal(DropReason.Damaged, Declared(harness, epoch)[last]);
        AssertAccountedFor(harness, epoch, last);
    }

    [Fact]
    public async Task Restart_AllOfAnEpochIsLost_IsDeclaredAndTheNextNamesIt()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        await harness.RestartAsync();
        (ulong before, ulong epoch) = (harness.Store.OpenEpochs[0].Epoch, harness.Store.CurrentEpoch);
        await harness.AppendFramesAsync(2);
        ulong last = harness.Store.OpenEpochs[1].LastSeq;
        long begin = harness.Items().Find(item => item.Epoch == epoch)!.Entry.Position;
        await harness.Store.DisposeAsync();
        Cut(harness, 0, (int)begin - 100);

        await harness.OpenAsync();

        EpochStart start = harness.Items().Find(item => item.Epoch == harness.Store.CurrentEpoch)!.EpochStart;
        Assert.Equal((epoch, last), (start.PreviousEpoch, start.PreviousLastSeq));
        AssertAccountedFor(harness, epoch, last);
        AssertAccountedFor(harness, before, harness.Store.OpenEpochs[0].LastSeq);
    }

    [Fact]
    public void Bytes_OfTheFile_AreFrozen()
    {
        var book = new EpochBook(7, 2) { LastSeq = 300 };
        book.Settled.Add(1, 9);
        byte[] bytes = AckFile.Encode(0x1000, [book], [new DeclaredLoss(7, 301, new EntryRange(6, 0, 4, 8), DropReason.SpoolBudget)]);
        Assert.Equal(
            "02" + "0010000000000000" + "01" + "0700000000000000" + "02000000" + "ac02" + SetOf(book)
            + "01" + "0700000000000000" + "ad02" + "0600000000000000" + "04" + "04" + "01",
            Convert.ToHexStringLower(bytes.AsSpan(0, bytes.Length - 4)));
    }

    [Fact]
    public async Task Restart_FileOfVersion1_ItsAcksAreKept()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(5);
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.Store.DisposeAsync();
        var body = new ByteWriter();
        body.U8(1);
        body.Varint(1);
        body.U64(epoch);
        body.Bytes(Convert.FromHexString(SetOf(Settled(4))));
        body.U32(Crc32C.Compute(body.Written));
        harness.Files.Overwrite(StoreHarness.Directory + "/acks", body.Written);

        await harness.OpenAsync();

        Assert.Equal(5UL, harness.Store.OpenEpochs[0].OldestUnsettled);
        Assert.Empty(Tombstones(harness));
    }

    private static EpochBook Settled(ulong last)
    {
        var book = new EpochBook(0, 0);
        book.Settled.Add(1, last);
        return book;
    }

    private static string SetOf(EpochBook book)
    {
        var writer = new ByteWriter();
        book.Settled.Write(writer);
        return Convert.ToHexStringLower(writer.Written);
    }

    // Until there is a tombstone in a segment that has ended.
    private static async Task<StoreHarness> OverBudgetAsync()
    {
        StoreHarness harness = await StoreHarness.StartAsync(Budget, Segment);
        ulong epoch = harness.Store.CurrentEpoch;
        do await harness.AppendFramesAsync(1);
        while (Tombstones(harness) is not [var first, ..] || harness.Store.SegmentOf(epoch, first.Seq, first.Seq) == harness.Store.SegmentOf(epoch, harness.Store.OpenEpochs[0].LastSeq, harness.Store.OpenEpochs[0].LastSeq));
        return harness;
    }

    private static SpooledItem[] Tombstones(StoreHarness harness) => [.. harness.Items().Where(static item => item.Header.Kind == EntryKind.Tombstone && item.Bytes.Length > 0)];

    private static Dictionary<ulong, DropReason> Declared(StoreHarness harness, ulong epoch)
    {
        var declared = new Dictionary<ulong, DropReason>();
        foreach (Tombstone tombstone in Tombstones(harness).Select(static item => item.Tombstone).Where(tombstone => tombstone.Epoch == epoch))
            foreach (ulong seq in SpooledItem.SeqsOf(tombstone)) declared[seq] = tombstone.Reason;
        return declared;
    }

    // Held, if only by its name, or declared: what is held and broken is declared when it is to be sent.
    private static void AssertAccountedFor(StoreHarness harness, ulong epoch, ulong last)
    {
        HashSet<ulong> known = [.. harness.Items().Where(item => item.Epoch == epoch).Select(static item => item.Seq), .. Declared(harness, epoch).Keys];
        Assert.Equal(Enumerable.Range(1, (int)last).Select(static seq => (ulong)seq), known.Where(seq => seq <= last).Order());
    }

    private static void Cut(StoreHarness harness, long segment, int length)
    {
        string path = $"{StoreHarness.Directory}/spool/{segment:D20}.seg";
        harness.Files.Overwrite(path, harness.Files.Read(path).AsSpan(0, length));
    }
}
