using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Spooling;

/// <summary>Summaries of ended segments: a start reads them and the newest segment, and can do without.</summary>
public sealed class AgentStoreSummaryTests
{
    private const long Segment = 2_000;

    [Theory]
    [InlineData(60)]
    [InlineData(600)]
    public async Task Restart_AnyBacklog_OfEndedSegmentsOnlyTheHeaderIsRead(int frames)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(frames);
        string[] ended = [.. SegmentFiles(harness)[..^1]];
        Assert.True(ended.Length >= frames / 15, $"only {ended.Length} ended segments");
        await harness.Store.DisposeAsync();
        (harness.Files.Reads, harness.Files.ReadBytes) = (0, 0);
        harness.Files.CountReads = path => Array.IndexOf(ended, path) >= 0;

        await harness.OpenAsync();

        Assert.Equal((ended.Length, 32L * ended.Length), (harness.Files.Reads, harness.Files.ReadBytes));
    }

    [Fact]
    public async Task Ack_WhileTheSummaryOfTheSegmentBeforeIsWritten_Counts()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        var acked = new List<SpooledEntry>();
        harness.Files.BeforeCreate = path =>
        {
            if (!path.EndsWith(".sum", StringComparison.Ordinal)) return;
            using var cursor = new SpoolCursor(harness.Store, harness.Store.Start, long.MaxValue);
            for (; cursor.TryPeek(out SpooledEntry entry); cursor.Skip())
            {
                harness.Store.Settle(entry.Epoch, entry.Seq, entry.Seq);
                acked.Add(entry);
            }
        };
        await harness.AppendFramesAsync(60);
        Assert.NotEmpty(acked);
        Assert.All(acked, entry => Assert.True(harness.Store.IsSettled(entry.Epoch, entry.Seq), $"seq {entry.Seq}"));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("another's")]
    public async Task Restart_SummaryNotGood_IsMadeAnewAndNothingDiffers(string how)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(60);
        harness.Store.Settle(harness.Store.CurrentEpoch, 5, 9);
        await harness.Store.StartEpochAsync(TestContext.Current.CancellationToken);
        await harness.AppendFramesAsync(60);
        await harness.Store.BuryAsync(harness.Items()[20].Entry, DropReason.Rejected, TestContext.Current.CancellationToken);
        await harness.AppendFramesAsync(60);
        await harness.RestartAsync();
        IReadOnlyList<OpenEpochInfo> epochs = harness.Store.OpenEpochs;
        SpooledEntry[] copies = [.. harness.Store.CopiesOf(harness.Schema.Id.Short)];
        await harness.Store.DisposeAsync();
        string[] summaries = [.. harness.Files.ListFiles(StoreHarness.Directory + "/spool").Where(static name => name.EndsWith(".sum", StringComparison.Ordinal)).Order().Select(static name => $"{StoreHarness.Directory}/spool/{name}")];
        Assert.Equal(SegmentFiles(harness).Count - 1, summaries.Length);
        byte[][] whole = [.. summaries.Select(harness.Files.Read)];
        for (int i = 0; i < summaries.Length; i++)
        {
            if (how == "missing") harness.Files.Delete(summaries[i]);
            else if (how == "cut") harness.Files.Overwrite(summaries[i], whole[i].AsSpan(0, i * whole[i].Length / summaries.Length));
            else if (how == "flipped") harness.Files.Overwrite(summaries[i], Flipped(whole[i], i * 7 % whole[i].Length));
            else harness.Files.Overwrite(summaries[i], whole[(i + 1) % summaries.Length]);
        }

        await harness.OpenAsync();

        Assert.Equal(whole, summaries.Select(harness.Files.Read));
        Assert.Equal(epochs, harness.Store.OpenEpochs.SkipLast(1));
        Assert.Equal(copies, harness.Store.CopiesOf(harness.Schema.Id.Short));
    }

    [Fact]
    public async Task Restart_SegmentOfTheBacklogGone_ItsEntriesAreDeclaredDamaged()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(60);
        List<SpooledItem> items = harness.Items();
        long[] starts = [.. items.Select(item => harness.Store.SegmentOf(item.Epoch, item.Seq, item.Seq)!.Value).Distinct()];
        ulong[] lost = [.. items.Where(item => item.Entry.Position > starts[1] && item.Entry.Position < starts[2]).Select(static item => item.Seq)];
        await harness.Store.DisposeAsync();
        harness.Files.Delete(SegmentFiles(harness)[1]);

        await harness.OpenAsync();

        Tombstone tombstone = Assert.Single(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone).Tombstone;
        Assert.Equal((lost[0], lost[^1], DropReason.Damaged), (tombstone.FirstSeq, tombstone.LastSeq, tombstone.Reason));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    public async Task Sending_IndexBrokenInTheBacklog_ItsEntryIsDeclaredDamagedWithTheNextAppend(int place)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: Segment);
        await harness.AppendFramesAsync(60);
        long segment = harness.Store.SegmentOf(harness.Store.CurrentEpoch, 25, 25)!.Value;
        SpooledItem[] inside = [.. harness.Items().Where(item => harness.Store.SegmentOf(item.Epoch, item.Seq, item.Seq) == segment)];
        SpooledItem victim = place < 0 ? inside[^1] : inside[place];
        ulong epoch = harness.Store.CurrentEpoch;
        // Behind the summaries' back: the start does not find it.
        harness.Damage(victim.Entry.Position - 20);
        await harness.RestartAsync();
        Assert.DoesNotContain(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone);

        // A segment of one block more, read twice: declared once.
        for (int pass = 0; pass < 2; pass++)
        {
            using var cursor = new SpoolCursor(harness.Store, harness.Store.Start, long.MaxValue);
            while (cursor.TryPeek(out _)) cursor.Skip();
            await harness.AppendFramesAsync(1);
        }

        Tombstone tombstone = Assert.Single(harness.Items(), static item => item.Header.Kind == EntryKind.Tombstone).Tombstone;
        Assert.Equal((epoch, victim.Seq, victim.Seq, DropReason.Damaged), (tombstone.Epoch, tombstone.FirstSeq, tombstone.LastSeq, tombstone.Reason));
        Assert.True(harness.Store.IsSettled(epoch, victim.Seq));
    }

    [Fact]
    public async Task Budget_SegmentUnlinked_ItsSummaryGoesToo()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(20_000, Segment);
        for (int i = 0; i < 10; i++)
        {
            await harness.AppendFramesAsync(50);
            harness.SettleAll();
        }

        Assert.Equal(SegmentFiles(harness).Count - 1, harness.Files.ListFiles(StoreHarness.Directory + "/spool").Count(static name => name.EndsWith(".sum", StringComparison.Ordinal)));
    }

    [Fact]
    public void Bytes_OfASummary_AreFrozen()
    {
        var summary = new SegmentSummary(0x1000, 0x2000)
        {
            Runs = [new SummaryRun { Epoch = 7, StartNumber = 2, First = 300, Last = 310, Generation = 1, LastTickMs = 0x11223344, PreviousEpoch = 6, PreviousLastSeq = 9 }],
            Objects = [new SummaryEntry(0x1080, 5, [1, 2, 3])],
            Given = [new DeclaredLoss(7, 301, new EntryRange(6, 0, 4, 8), DropReason.Damaged)],
        };
        byte[] bytes = SummaryFiles.Encode(summary);
        Assert.Equal(
            "02" + "0010000000000000" + "0020000000000000" + "00"
            + "01" + "0700000000000000" + "02000000" + "ac02" + "0a" + "01" + "4433221100000000" + "0600000000000000" + "09"
            + "01" + "8010000000000000" + "05" + "03" + "010203"
            + "00"
            + "01" + "0700000000000000" + "ad02" + "0600000000000000" + "04" + "04" + "04",
            Convert.ToHexStringLower(bytes.AsSpan(0, bytes.Length - 4)));
        SegmentSummary? read = SummaryFiles.Decode(bytes, new LogSegment(0x1000, 0x2000, 0));
        Assert.Equal(bytes, SummaryFiles.Encode(read!));
        Assert.Null(SummaryFiles.Decode(bytes, new LogSegment(0x1000, 0x2001, 0)));
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.Null(SummaryFiles.Decode(bytes.AsSpan(0, i), new LogSegment(0x1000, 0x2000, 0)));
            Assert.Null(SummaryFiles.Decode(Flipped(bytes, i), new LogSegment(0x1000, 0x2000, 0)));
        }
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 4;
        return flipped;
    }

    private static List<string> SegmentFiles(StoreHarness harness) =>
        [.. harness.Files.ListFiles(StoreHarness.Directory + "/spool").Where(static name => name.EndsWith(".seg", StringComparison.Ordinal)).Order().Select(static name => $"{StoreHarness.Directory}/spool/{name}")];
}
