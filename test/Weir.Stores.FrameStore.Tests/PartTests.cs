using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;
using Weir.Stores.FrameStore.Upkeep;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>Parts whose files change, vanish or come back: nothing that is wrong is answered, and everything else is.</summary>
public sealed class PartTests
{
    private const long Hour = 3_600_000;
    private const long T0 = 472_222 * Hour;
    private const string First = "/store/0/parts/00000001.part";

    [Fact]
    public async Task Part_WithAnyByteFlipped_AnswersNothingWrongAndEverythingElse()
    {
        await using StoreFixture fixture = await TwoPartsAsync();
        byte[] whole = fixture.Files.Read(First);
        int named = 0;
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)(1 << (at % 8));
            if (await AssertHarmlessAsync(fixture, damaged)) named++;
        }

        // What no answer reads, the list of undecodable frames, is looked at by a merge and by 'weir store verify'.
        Assert.InRange(named, whole.Length - 40, whole.Length);
        Assert.False(await AssertHarmlessAsync(fixture, whole));
    }

    [Fact]
    public async Task Part_CutAnywhere_IsNamed()
    {
        await using StoreFixture fixture = await TwoPartsAsync();
        byte[] whole = fixture.Files.Read(First);
        for (int length = 0; length < whole.Length; length++) Assert.True(await AssertHarmlessAsync(fixture, whole[..length]));
    }

    [Fact]
    public async Task Part_WithBytesRepeated_IsNamed()
    {
        await using StoreFixture fixture = await TwoPartsAsync();
        byte[] whole = fixture.Files.Read(First);
        Assert.True(await AssertHarmlessAsync(fixture, [.. whole, .. whole]));
        for (int at = 0; at + 8 <= whole.Length; at++) Assert.True(await AssertHarmlessAsync(fixture, [.. whole[..(at + 8)], .. whole[at..]]));
    }

    [Fact]
    public async Task Part_ThatIsMissing_StaysInTheManifestAndComesBackWithItsFile()
    {
        await using StoreFixture fixture = await TwoPartsAsync();
        byte[] whole = fixture.Files.Read(First);
        fixture.Files.Delete(First);
        fixture.Files.SyncDirectory("/store/0/parts");
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        Assert.Equal([PartDamage.Missing, PartDamage.None], fixture.Partition.Parts.Select(static part => part.Damage));
        Assert.Equal(2, fixture.Partition.Manifest.Current.Parts.Count);
        Assert.Equal([2, 2, 2], (await fixture.ReadAsync(T0, T0 + (2 * Hour))).Select(static series => series.TimesMs.Length));
        await fixture.MergeAsync();
        using (IFile file = fixture.Files.Create(First))
        {
            file.Write(0, whole);
            file.Flush();
        }

        fixture.Files.SyncDirectory("/store/0/parts");
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        await Model().AssertEqualAsync(fixture, 0, long.MaxValue / 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Part_ThatIsDamaged_IsNeverMergedAndTheOthersOfItsHourAre(bool missing)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(T0 + (3 * Hour)));
        await using StoreFixture fixture = await StoreFixture.CreateAsync(time: time);
        var agent = new TestAgent(1);
        var model = new StoreModel();
        for (int i = 0; i < 3; i++)
        {
            await WriteAsync(fixture, model, agent, T0 + (i * 10_000), 5);
            await fixture.SealAsync();
        }

        byte[] bytes = fixture.Files.Read(First);
        // In its first block.
        bytes[PartHeader.Bytes + 2] ^= 1;
        if (missing) fixture.Files.Delete(First);
        else fixture.Files.Overwrite(First, bytes);
        time.Advance(TimeSpan.FromHours(2));
        using var upkeep = new StoreUpkeep(fixture.Store);
        await upkeep.StepAsync(CancellationToken.None);
        await upkeep.StepAsync(CancellationToken.None);
        Assert.Equal(2, fixture.Partition.Parts.Count);
        Assert.Contains(fixture.Partition.Manifest.Current.Parts, static part => part.Number == 1);
        model.Forget(static time => time < T0 + 10_000);
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        if (!missing) Assert.Equal(bytes, fixture.Files.Read(First));
    }

    // Part 1: two hosts. Part 2: the hour after, one of them.
    private static async Task<StoreFixture> TwoPartsAsync()
    {
        StoreFixture fixture = await StoreFixture.CreateAsync();
        TestAgent one = new(1), two = new(2, series: 2);
        await fixture.WriteAsync(one, one.Frame(T0, 3));
        await fixture.WriteAsync(two, two.Frame(T0 + 1000, 2));
        await fixture.WriteAsync(one, one.Frame(T0 + Hour, 2));
        await fixture.SealAsync();
        Assert.Equal(2, fixture.Partition.Parts.Count);
        return fixture;
    }

    private static StoreModel Model()
    {
        var model = new StoreModel();
        TestAgent one = new(1), two = new(2, series: 2);
        model.Write(one, T0, 3, 0, new FrameRank(0, 1, 1, one.Epoch));
        model.Write(two, T0 + 1000, 2, 0, new FrameRank(0, 1, 1, two.Epoch));
        model.Write(one, T0 + Hour, 2, 0, new FrameRank(0, 1, 2, one.Epoch));
        return model;
    }

    /// <returns>Whether something is said to be damaged.</returns>
    private static async Task<bool> AssertHarmlessAsync(StoreFixture fixture, byte[] content)
    {
        fixture.Files.Overwrite(First, content);
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        bool isOpen = fixture.Partition.Parts[0].Damage == PartDamage.None;
        IReadOnlyList<SeriesSamples> read = await fixture.ReadAsync(0, long.MaxValue / 2);
        int samples = 0, whole = 0;
        foreach (SeriesSamples series in read)
        {
            int agent = series.Labels["host_id"] == new TestAgent(1).Id.ToString() ? 1 : 2, index = series.Labels["instance"]![1] - '0';
            for (int t = 0; t < series.TimesMs.Length; t++) Assert.Equal(TestAgent.Value(agent, index, series.TimesMs[t]), series.Values[t]);
            samples += series.TimesMs.Length;
            if (agent == 1) Assert.True(series.TimesMs.Length is 2 or 5);
            else Assert.Equal(2, series.TimesMs.Length);
            if (series.TimesMs.Length == (agent == 1 ? 5 : 2)) whole++;
        }

        // The other part always; of a part that opens, all but one host.
        Assert.Equal(3, read.Count(static series => series.TimesMs.Contains(T0 + Hour)));
        if (isOpen) Assert.True(whole is 5 or 3 or 2, $"{whole} series are whole");
        else Assert.Equal(6, samples);
        return !isOpen || samples < 19;
    }

    private static async Task WriteAsync(StoreFixture fixture, StoreModel model, TestAgent agent, long firstMs, int ticks)
    {
        await fixture.WriteAsync(agent, agent.Frame(firstMs, ticks));
        model.Write(agent, firstMs, ticks, 0, new FrameRank(0, 1, agent.LastSeq, agent.Epoch));
    }
}
