using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Spooling;

public sealed class AgentStoreRestartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restart_KeepsTheAgentAndNamesTheEpochBefore()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        AgentId agent = harness.Store.AgentId;
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.AppendFramesAsync(2, ticks: 5);

        await harness.RestartAsync();

        Assert.Equal(agent, harness.Store.AgentId);
        SpooledItem start = harness.Items()[^1];
        Assert.NotEqual(epoch, start.Epoch);
        Assert.Equal((2U, 1UL), (start.Entry.StartNumber, start.Seq));
        Assert.Equal((epoch, 5UL, harness.NowMs - 1000), (start.EpochStart.PreviousEpoch, start.EpochStart.PreviousLastSeq, start.EpochStart.PreviousLastTickMs));
    }

    [Fact]
    public async Task Restart_AcksWrittenDown_AreKept()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.AppendFramesAsync(10);
        harness.Store.Settle(epoch, 1, 7);
        harness.Store.Settle(epoch, 9, 9);

        await harness.RestartAsync();

        Assert.Equal(8UL, harness.Store.OpenEpochs[0].OldestUnsettled);
        Assert.Equal([1UL, 7, 9], new ulong[] { 1, 7, 8, 9, 10 }.Where(seq => harness.Store.IsSettled(epoch, seq)));
    }

    [Fact]
    public async Task Crash_AcksNotWrittenDown_EverythingIsUnsettledAgain()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        ulong epoch = harness.Store.CurrentEpoch;
        await harness.AppendFramesAsync(10);
        harness.Store.Settle(epoch, 1, 3);
        harness.Store.SaveAcks();
        harness.Store.Settle(epoch, 4, 13);

        await harness.CrashAsync();

        Assert.Equal((epoch, 4UL, 13UL), (harness.Store.OpenEpochs[0].Epoch, harness.Store.OpenEpochs[0].OldestUnsettled, harness.Store.OpenEpochs[0].LastSeq));
    }

    [Fact]
    public async Task Restart_AckFileDamaged_EverythingIsUnsettledAgain()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        harness.SettleAll();
        await harness.Store.DisposeAsync();
        byte[] acks = harness.Files.Read(StoreHarness.Directory + "/acks");
        acks[^6] ^= 1;
        harness.Files.Overwrite(StoreHarness.Directory + "/acks", acks);

        await harness.OpenAsync();

        Assert.Equal(1UL, harness.Store.OpenEpochs[0].OldestUnsettled);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("ffffffffffffffffffffffffffffffff")]
    [InlineData(null)]
    public async Task Restart_AckFileEmptyCutGarbageOrGone_EverythingIsSentAgain(string? content)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        harness.SettleAll();
        await harness.Store.DisposeAsync();
        if (content is null) harness.Files.Delete(StoreHarness.Directory + "/acks");
        else harness.Files.Overwrite(StoreHarness.Directory + "/acks", Convert.FromHexString(content));

        await harness.OpenAsync();

        Assert.Equal(1UL, harness.Store.OpenEpochs[0].OldestUnsettled);
        harness.Store.SaveAcks();
    }

    [Fact]
    public async Task Restart_ClockBehindTheLastTick_NewGeneration()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        FrameBuilder ahead = TestSeries.Frame(harness.Schema, harness.NowMs + 3_600_000);
        await harness.Store.AppendFrameAsync(ahead, harness.Store.ClockGeneration, Cancel);

        await harness.RestartAsync();

        Assert.Equal(1U, harness.Store.ClockGeneration);
        Assert.Equal(1U, harness.Items()[^1].Header.ClockGeneration);
        // The ticks of the new generation are the later ones, though their times are smaller.
        await harness.AppendFramesAsync(1);
        await harness.RestartAsync();
        Assert.Equal(1U, harness.Store.ClockGeneration);
    }

    [Fact]
    public async Task Restart_ClockBehindTicksOfAnEpochBeforeTheLast_NewGeneration()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        FrameBuilder ahead = TestSeries.Frame(harness.Schema, harness.NowMs + 3_600_000);
        await harness.Store.AppendFrameAsync(ahead, 0, Cancel);
        harness.Time.Advance(TimeSpan.FromHours(2));
        await harness.RestartAsync(); // an epoch without ticks
        Assert.Equal(0U, harness.Store.ClockGeneration);
        await harness.Store.DisposeAsync();

        var earlier = new StoreHarness { SpoolBytes = harness.SpoolBytes };
        AgentStore store = await AgentStore.OpenAsync(
            StoreHarness.Options(StoreHarness.Directory, harness.SpoolBytes, harness.SegmentBytes), harness.Files, earlier.Time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);

        Assert.Equal(1U, store.ClockGeneration);
        await store.DisposeAsync();
        await harness.OpenAsync();
    }

    [Fact]
    public async Task NextClockGeneration_IsDurableWhenItReturns()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();

        Assert.Equal(1U, await harness.Store.NextClockGenerationAsync(Cancel));
        await harness.CrashAsync();

        Assert.Equal(1U, harness.Store.ClockGeneration);
    }

    [Fact]
    public async Task Restart_ManyTimes_OneEpochEach()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            await harness.AppendFramesAsync(1);
            await harness.RestartAsync();
        }

        Assert.Equal([1U, 2, 3, 4, 5, 6], harness.Store.OpenEpochs.Select(static epoch => epoch.StartNumber));
        Assert.Equal(6, harness.Store.OpenEpochs.Select(static epoch => epoch.Epoch).Distinct().Count());
    }
}
