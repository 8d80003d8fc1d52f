using Weir.Agent.Identity;
using Weir.Agent.Uplinks;
using Weir.Log;

namespace Weir.Agent.Tests.Spooling;

public sealed class AgentStoreIdentityTests
{
    private static readonly MachineMark Here = MachineMark.Of("one", "board-1");
    private static readonly MachineMark There = MachineMark.Of("two", "board-2");

    [Fact]
    public async Task Start_OnAnotherMachine_TakesANewIdForNewEpochsOnly()
    {
        await using StoreHarness harness = await StartAsync();
        AgentId first = harness.Store.AgentId;
        uint before = harness.Store.OpenEpochs[^1].StartNumber;
        await ReopenAsync(harness, There);

        Assert.NotEqual(first, harness.Store.AgentId);
        Assert.Equal([first], harness.Store.FormerIds);
        Assert.Equal((first, harness.Store.AgentId), (harness.Store.IdOf(before), harness.Store.IdOf(before + 1)));
        // The former id's epoch is none of this one's: no loss of it is declared under a name that never had it.
        SpooledItem start = harness.Items()[^1];
        Assert.Equal((0UL, 0UL), (start.EpochStart.PreviousEpoch, start.EpochStart.PreviousLastSeq));
        Assert.Contains(start.EpochStart.HostAttributes, attribute => attribute.Key == "host.id" && attribute.Value == harness.Store.AgentId.ToString());

        AgentId second = harness.Store.AgentId;
        await ReopenAsync(harness, There);
        Assert.Equal((second, first), (harness.Store.AgentId, harness.Store.IdOf(before)));
    }

    [Fact]
    public async Task Start_WhereLessOfTheMachineCanBeRead_KeepsItsId()
    {
        await using StoreHarness harness = await StartAsync();
        AgentId id = harness.Store.AgentId;
        foreach (MachineMark mark in (MachineMark[])[default, MachineMark.Of("one", null), MachineMark.Of(null, "board-1"), Here])
        {
            await ReopenAsync(harness, mark);
            Assert.Equal(id, harness.Store.AgentId);
        }

        // What could not be read meanwhile has not been forgotten.
        await ReopenAsync(harness, MachineMark.Of(null, "board-2"));
        Assert.NotEqual(id, harness.Store.AgentId);
    }

    [Fact]
    public async Task FormerId_ThatTheCertificateDoesNotName_IsNeitherNamedNorSentAndNotForgotten()
    {
        await using StoreHarness harness = await StartAsync();
        ulong formerEpoch = harness.Store.CurrentEpoch;
        await ReopenAsync(harness, There);
        AgentId former = Assert.Single(harness.Store.FormerIds);
        harness.Store.SpeaksFor = id => id == harness.Store.AgentId;
        Assert.Empty(harness.Store.FormerIds);
        Assert.Equal([harness.Store.CurrentEpoch], Offered(harness));
        harness.Store.SpeaksFor = id => id == harness.Store.AgentId || id == former;
        Assert.Equal([former], harness.Store.FormerIds);
        Assert.Equal([formerEpoch, harness.Store.CurrentEpoch], Offered(harness).OrderBy(epoch => epoch != formerEpoch));

        await ReopenAsync(harness, There);
        Assert.Equal([former], harness.Store.FormerIds);
    }

    [Fact]
    public async Task FormerId_OfWhichTheSpoolHoldsNothing_IsForgotten()
    {
        await using StoreHarness harness = await StartAsync();
        await ReopenAsync(harness, There);
        Assert.Single(harness.Store.FormerIds);
        harness.SettleAll();
        for (int i = 0; i < 40; i++) await harness.AppendFramesAsync(60, ticks: 5);
        Assert.Empty(harness.Store.FormerIds);
        AgentId id = harness.Store.AgentId;
        await ReopenAsync(harness, There);
        Assert.Equal(id, harness.Store.AgentId);
        Assert.DoesNotContain("former", System.Text.Encoding.ASCII.GetString(harness.Files.Read(StoreHarness.Directory + "/agent")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnAnotherMachineKilledBetweenAnyTwoSteps_EveryEpochKeepsTheIdThatItBeganWith()
    {
        for (int step = 1; step < 12; step++)
        {
            await using StoreHarness harness = await StartAsync();
            AgentId first = harness.Store.AgentId;
            uint before = harness.Store.OpenEpochs[^1].StartNumber;
            await harness.Store.DisposeAsync();
            harness.Files.CrashAtStep = harness.Files.Steps + step;
            try
            {
                await harness.OpenAsync(There);
            }
            catch (Exception e) when (e is IOException or AgentDataException)
            {
                // Killed there.
            }

            harness.Files.CrashAtStep = 0;
            harness.Files.Crash(new Random(step));
            await harness.OpenAsync(There);
            Assert.Equal(first, harness.Store.IdOf(before));
            Assert.NotEqual(first, harness.Store.AgentId);
            Assert.Equal(harness.Store.AgentId, harness.Store.IdOf(harness.Store.OpenEpochs[^1].StartNumber));
        }
    }

    // The epochs of which a session would send something.
    private static HashSet<ulong> Offered(StoreHarness harness)
    {
        var epochs = new HashSet<ulong>();
        using var outbox = new Outbox(harness.Store, TimeSpan.FromMinutes(1), harness.Time);
        while (outbox.TryPeek(static (_, _) => true, out OutgoingEntry next, out _))
        {
            epochs.Add(next.Entry.Epoch);
            outbox.Take(next);
        }

        return epochs;
    }

    private static async Task<StoreHarness> StartAsync()
    {
        var harness = new StoreHarness { SpoolBytes = 128 << 10, SegmentBytes = 16 << 10 };
        harness.Files.CreateDirectory("/");
        await harness.OpenAsync(Here);
        await harness.AppendFramesAsync(3);
        return harness;
    }

    private static async Task ReopenAsync(StoreHarness harness, MachineMark machine)
    {
        await harness.Store.DisposeAsync();
        await harness.OpenAsync(machine);
    }
}
