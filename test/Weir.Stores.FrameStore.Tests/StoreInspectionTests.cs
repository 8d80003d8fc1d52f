using Microsoft.Extensions.Time.Testing;
using Weir.Frames;
using Weir.Stores.FrameStore.Parts;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>Looking at a store from outside, and what is done to it on request.</summary>
public sealed class StoreInspectionTests
{
    private const long T0 = 472_222 * 3_600_000L;
    private const string First = "/store/0/parts/00000001.part";

    [Fact]
    public async Task Verify_FindsAnyByteThatChanged()
    {
        await using StoreFixture fixture = await SealedAsync();
        byte[] whole = fixture.Files.Read(First);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 4;
            fixture.Files.Overwrite(First, damaged);
            await fixture.CloseAsync();
            await fixture.OpenAsync();
            DamageReport report = Assert.Single(new StoreInspection(fixture.Store).Verify(CancellationToken.None));
            Assert.Equal(1, report.Part.Number);
            if (report.Damage is PartDamage.Block or PartDamage.Directory) Assert.Contains(report.Host, (string?[])[new TestAgent(1).Id.ToString(), new TestAgent(2).Id.ToString()]);
        }

        fixture.Files.Overwrite(First, whole);
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        Assert.Empty(new StoreInspection(fixture.Store).Verify(CancellationToken.None));
    }

    [Fact]
    public async Task Inspect_SaysWhatThereIs()
    {
        await using StoreFixture fixture = await SealedAsync();
        PartitionReport partition = Assert.Single(new StoreInspection(fixture.Store).Inspect());
        Assert.Equal((2, 0L), (partition.Hosts, partition.UnsealedBytes));
        PartReport part = Assert.Single(partition.Parts);
        Assert.Equal((1L, 15L, PartDamage.None, (long)fixture.Files.Read(First).Length), (part.Number, part.Samples, part.Damage, part.Bytes));
        Assert.Equal(T0, part.Hour.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task GiveUp_TakesWhatCannotBeOpenedAndNothingElse()
    {
        await using StoreFixture fixture = await SealedAsync();
        var inspection = new StoreInspection(fixture.Store);
        Assert.False(inspection.GiveUp(inspection.Inspect()[0].Parts[0]));
        Assert.True(fixture.Files.FileExists(First));
        fixture.Files.Delete(First);
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        inspection = new StoreInspection(fixture.Store);
        Assert.True(inspection.GiveUp(inspection.Inspect()[0].Parts[0]));
        Assert.Empty(fixture.Partition.Manifest.Current.Parts);
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        Assert.Empty(fixture.Partition.Parts);
    }

    [Fact]
    public async Task SealAndMerge_LeaveOnePartAnHourAndNoLog()
    {
        await using StoreFixture fixture = await SealedAsync();
        TestAgent agent = new(3);
        await fixture.WriteAsync(agent, agent.Frame(T0 + 60_000, 5));
        var inspection = new StoreInspection(fixture.Store);
        await inspection.SealAsync(fixture.Advance, CancellationToken.None);
        await inspection.MergeAsync(CancellationToken.None);
        PartitionReport partition = inspection.Inspect()[0];
        Assert.Equal(0, partition.UnsealedBytes);
        Assert.Equal(30, Assert.Single(partition.Parts).Samples);
        Assert.Empty(inspection.Verify(CancellationToken.None));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(8, 0)]
    public async Task Seal_OfALogThatTheDiskDoesNotGiveForSomeSeconds_WaitsAndKeepsEverySample(int seconds, int reads)
    {
        const int Ticks = 5;
        var time = new FakeTimeProvider();
        await using StoreFixture fixture = await StoreFixture.CreateAsync(time: time);
        var agent = new TestAgent(1, series: 1);
        // Over three hours: which it has ticks in is known only when it can be read.
        var builder = new FrameBuilder(agent.Schema, Ticks);
        for (int i = 0; i < Ticks; i++) builder.AddTick(T0 + (i * 1_800_000), [i], [1]);
        await fixture.WriteAsync(agent, builder.Seal(1, 0), lastMs: T0 + ((Ticks - 1) * 1_800_000));
        DateTimeOffset given = time.GetUtcNow().AddSeconds(seconds);
        fixture.Faulty.BeforeRead = path =>
        {
            if (path.EndsWith(".seg", StringComparison.Ordinal) && (time.GetUtcNow() < given || reads-- > 0)) throw new IOException("input/output error");
        };
        var inspection = new StoreInspection(fixture.Store);
        await StoreFixture.GoOnAsync(time, inspection.SealAsync(fixture.Advance, CancellationToken.None));
        Assert.True(time.GetUtcNow() >= given);
        Assert.All(fixture.Partition.Parts, static part => Assert.False(part.HasUnreadableFrames));
        Assert.Equal(Ticks, inspection.Inspect()[0].Parts.Sum(static part => part.Samples));
        Assert.Equal(0, inspection.Inspect()[0].UnsealedBytes);
    }

    private static async Task<StoreFixture> SealedAsync()
    {
        StoreFixture fixture = await StoreFixture.CreateAsync();
        foreach (TestAgent agent in (TestAgent[])[new(1), new(2, series: 2)]) await fixture.WriteAsync(agent, agent.Frame(T0, 3));
        await fixture.SealAsync();
        return fixture;
    }
}
