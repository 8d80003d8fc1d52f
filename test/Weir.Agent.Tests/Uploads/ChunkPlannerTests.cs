using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uploads;
using Weir.Frames;

namespace Weir.Agent.Tests.Uploads;

public sealed class ChunkPlannerTests
{
    [Theory]
    [InlineData(false, 1_500)]
    [InlineData(true, 4_000)]
    [InlineData(true, 1 << 20)]
    public async Task Next_Backlog_IsCutIntoChunksThatCanBeTakenAlone(bool profiled, int maxBytes)
    {
        await using StoreHarness harness = await StoreHarness.StartAsync(segmentBytes: 5_000);
        if (profiled) harness.Profiles = new GroupProfiles(1000);
        await harness.AppendFramesAsync(60);
        await harness.RestartAsync();
        await harness.AppendFramesAsync(60);

        List<IReadOnlyList<SpooledEntry>> chunks = Plan(harness.Store, maxBytes);

        foreach (IReadOnlyList<SpooledEntry> chunk in chunks)
        {
            Assert.Single(chunk.Select(static entry => entry.Epoch).Distinct());
            Assert.Equal(chunk.Select(static entry => entry.Seq).Order().Distinct(), chunk.Select(static entry => entry.Seq));
            Assert.InRange(chunk.Sum(static entry => entry.Length + EntryRun.PrefixBytes), 1, maxBytes);
            // Fails where something comes before what it needs.
            var shelf = new ObjectShelf();
            foreach (SpooledEntry entry in chunk) shelf.Take(entry.Header, Read(harness.Store, entry));
        }

        Assert.Equal(harness.Items().Select(static item => (item.Epoch, item.Seq)).Order(), chunks.SelectMany(static chunk => chunk).Select(static entry => (entry.Epoch, entry.Seq)).Distinct().Order());
        Assert.True(chunks.Count >= (maxBytes > 100_000 ? 2 : 4), $"{chunks.Count} chunks");
    }

    [Fact]
    public async Task Next_SettledEntries_AreLeftOutUnlessSomethingNeedsThem()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(10);
        ulong epoch = harness.Store.CurrentEpoch;
        // Start, template, schema, and frames up to the last.
        harness.Store.Settle(epoch, 1, 12);

        IReadOnlyList<SpooledEntry> chunk = Assert.Single(Plan(harness.Store, 1 << 20));

        Assert.Equal([2UL, 3, 13], chunk.Select(static entry => entry.Seq));
        harness.SettleAll();
        Assert.Empty(Plan(harness.Store, 1 << 20));
    }

    [Fact]
    public async Task Next_EntryLargerThanAChunkWithItsObjects_IsLeftToTheStream()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(3);
        List<SpooledItem> items = harness.Items();
        int objects = items.Where(static item => item.Header.Kind == EntryKind.Object).Sum(static item => item.Bytes.Length + EntryRun.PrefixBytes);
        int frame = items[^1].Bytes.Length + EntryRun.PrefixBytes;

        Assert.All(Plan(harness.Store, objects + frame - 1), static chunk => Assert.DoesNotContain(chunk, static entry => entry.Header.Kind == EntryKind.Samples));
        Assert.Contains(Plan(harness.Store, objects + frame), static chunk => chunk.Any(static entry => entry.Header.Kind == EntryKind.Samples));
    }

    [Fact]
    public async Task Next_End_IsNotPassed()
    {
        await using StoreHarness harness = await StoreHarness.StartAsync();
        await harness.AppendFramesAsync(10);
        long end = harness.Items()[7].Entry.Position;
        using var planner = new ChunkPlanner(harness.Store, harness.Store.Start, end, 1 << 20);
        Assert.Equal([1UL, 2, 3, 4, 5, 6, 7], planner.Next()!.Select(static entry => entry.Seq));
        Assert.Null(planner.Next());
    }

    private static List<IReadOnlyList<SpooledEntry>> Plan(AgentStore store, int maxBytes)
    {
        using var planner = new ChunkPlanner(store, store.FirstUnsettledPosition(), long.MaxValue, maxBytes);
        var chunks = new List<IReadOnlyList<SpooledEntry>>();
        while (planner.Next() is { } chunk) chunks.Add(chunk);
        return chunks;
    }

    private static byte[] Read(AgentStore store, in SpooledEntry entry)
    {
        var bytes = new byte[entry.Length];
        Assert.Equal(SpoolRead.Whole, store.TryRead(entry, bytes));
        return bytes;
    }
}
