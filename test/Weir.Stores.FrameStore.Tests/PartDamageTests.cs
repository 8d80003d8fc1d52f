using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Stores.FrameStore.Parts;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>Parts whose bytes lie, or are gone: named, never a wrong value, and what is intact is answered.</summary>
public sealed class PartDamageTests
{
    private const long T0 = 472_222L * 3_600_000;

    [Fact]
    public async Task Part_WithAnyByteChanged_IsNamedAndNeverAnswersAnythingElse()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var model = new StoreModel();
        var random = new Random(3);
        for (int i = 0; i < 6; i++) await StoreModelTests.WriteAsync(fixture, model, new TestAgent(1 + (i % 2)), random);
        await fixture.SealAsync();
        IReadOnlyList<SeriesSamples> all = await fixture.ReadAsync(0, long.MaxValue / 2);
        var truth = all.ToDictionary(static series => series.Labels, static series => series.TimesMs.Zip(series.Values).ToDictionary());
        int noticed = 0, changes = 0;
        foreach (Part part in fixture.Partition.Parts.ToArray())
        {
            byte[] bytes = fixture.Files.Read(part.Path);
            foreach (byte[] changed in Changes(bytes))
            {
                changes++;
                fixture.Files.Overwrite(part.Path, changed);
                using var store = new FrameStore(fixture.Log, fixture.Files, null, "/store", new FrameStoreOptions(), TimeProvider.System);
                var partition = (FrameStorePartition)store.OpenPartition(0);
                var gaps = new ReadGaps();
                IReadOnlyList<SeriesSamples> read = await store.ReadAsync(
                    new SeriesSelection { Tenant = "default", Matchers = [], FromMs = 0, ToMs = long.MaxValue / 2, Gaps = gaps }, CancellationToken.None);
                foreach (SeriesSamples series in read)
                    for (int i = 0; i < series.TimesMs.Length; i++) Assert.Equal(truth[series.Labels][series.TimesMs[i]], series.Values[i]);
                bool isDamaged = partition.Parts.Any(static opened => opened.Damage != PartDamage.None);
                bool lacks = read.Sum(static series => series.TimesMs.Length) < truth.Values.Sum(static samples => samples.Count);
                if (isDamaged || lacks) noticed++;
                // An answer that lacks something says so.
                Assert.Equal(isDamaged || lacks, !gaps.IsEmpty);
                // The manifest goes on naming it.
                Assert.Equal(fixture.Partition.Parts.Count, partition.Parts.Count);
            }

            fixture.Files.Overwrite(part.Path, bytes);
        }

        // What is not noticed changed nothing that is read: a host's attributes, the list of frames that could not be decoded.
        Assert.True(noticed > changes * 9 / 10, $"{noticed} of {changes} changes were noticed");
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
    }

    [Fact]
    public async Task Part_ThatTheDiskLacks_IsNamedAndComesBackWithItsFile()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1, series: 1);
        await fixture.WriteAsync(agent, agent.Frame(T0, ticks: 3));
        await fixture.SealAsync();
        await fixture.WriteAsync(agent, agent.Frame(T0 + 10_000, ticks: 3));
        await fixture.SealAsync();
        string path = fixture.Partition.Parts[0].Path;
        byte[] bytes = fixture.Files.Read(path);
        await fixture.CloseAsync();
        fixture.Files.Delete(path);
        await fixture.ReopenAsync();
        Assert.Equal([PartDamage.Missing, PartDamage.None], fixture.Partition.Parts.Select(static part => part.Damage));
        Assert.Equal((long[])[T0 + 10_000, T0 + 11_000, T0 + 12_000], Assert.Single(await fixture.ReadAsync(0, long.MaxValue / 2)).TimesMs);
        Assert.Contains("part 1 of partition 0 (Missing)", await GapsAsync(fixture, T0, T0 + 2000), StringComparison.Ordinal);
        Assert.Null(await GapsAsync(fixture, T0 + 3000, long.MaxValue / 2));
        // A missing part is never merged away.
        await fixture.MergeAsync();
        Assert.Equal(2, fixture.Partition.Parts.Count);
        await fixture.CloseAsync();
        fixture.Files.Create(path).Dispose();
        fixture.Files.Overwrite(path, bytes);
        await fixture.ReopenAsync();
        Assert.Equal(6, Assert.Single(await fixture.ReadAsync(0, long.MaxValue / 2)).TimesMs.Length);
    }

    private static async Task<string?> GapsAsync(StoreFixture fixture, long fromMs, long toMs)
    {
        var gaps = new ReadGaps();
        await fixture.Store.ReadAsync(new SeriesSelection { Tenant = "default", Matchers = [], FromMs = fromMs, ToMs = toMs, Gaps = gaps }, CancellationToken.None);
        return gaps.ToString();
    }

    [Fact]
    public async Task Exclude_TakesSamplesOutOfSight_BeforeAndAfterAMerge()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var model = new StoreModel();
        var random = new Random(5);
        TestAgent[] agents = [new(1), new(2)];
        for (int i = 0; i < 20; i++) await StoreModelTests.WriteAsync(fixture, model, agents[i % 2], random);
        await fixture.SealAsync();
        long from = T0 + 1_000_000, to = T0 + 9_000_000;
        foreach (Part part in fixture.Partition.Parts.ToArray()) Assert.True(fixture.Partition.TryExclude(part, new Exclusion("default", agents[0].Id, agents[0].Schema.SeriesHashes[1], from, to)));
        model.Forget(agents[0].Number, 1, from, to);
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        for (int i = 0; i < 10; i++) await StoreModelTests.WriteAsync(fixture, model, agents[1], random);
        await fixture.SealAsync();
        await fixture.MergeAsync();
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        Assert.All(fixture.Partition.Parts, static part => Assert.Empty(part.Info.Exclusions));
    }

    [Fact]
    public async Task Frame_ThatDoesNotDecode_KeepsItsBytesThroughSealAndMerge()
    {
        var time = new FakeTimeProvider();
        await using StoreFixture fixture = await StoreFixture.CreateAsync(time: time);
        var agent = new TestAgent(1, series: 1);
        byte[] bad = agent.Frame(T0 + 1000);
        await fixture.WriteAsync(agent, bad);
        await fixture.WriteAsync(agent, agent.Frame(T0 + 2000));
        string path = $"/log/live/0/{0:D20}.seg";
        byte[] log = fixture.Files.Read(path);
        log[log.AsSpan().IndexOf(bad.AsSpan(20)) + 30] ^= 1;
        fixture.Files.Overwrite(path, log);
        Assert.Contains("of partition 0, Live (Crc)", await GapsAsync(fixture, T0, T0 + 2000), StringComparison.Ordinal);
        await StoreFixture.GoOnAsync(time, fixture.SealAsync());
        Assert.Contains("of partition 0 keeps undecoded", await GapsAsync(fixture, T0, T0 + 2000), StringComparison.Ordinal);
        Assert.Equal((long[])[T0 + 2000], Assert.Single(await fixture.ReadAsync(0, long.MaxValue / 2)).TimesMs);
        await fixture.WriteAsync(agent, agent.Frame(T0 + 3000));
        await fixture.SealAsync();
        await fixture.MergeAsync();
        Part part = Assert.Single(fixture.Partition.Parts);
        Assert.Contains("keeps undecoded", await GapsAsync(fixture, T0, T0 + 2000), StringComparison.Ordinal);
        using var reader = new PartReader(part);
        UnreadableFrame kept = Assert.Single(reader.TryReadUnreadableFrames()!);
        Assert.Equal((agent.Id, 1UL), (kept.Agent, kept.Rank.Seq));
        byte[] raw = reader.TryReadUnreadableFrame(kept)!;
        Assert.Equal(bad.Length, raw.Length);
        Assert.Equal(1, raw.Zip(bad).Count(static pair => pair.First != pair.Second));
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(long.MinValue, 10)]
    [InlineData(0, 10)]
    [InlineData(100, -1)]
    [InlineData(100, int.MaxValue)]
    [InlineData(long.MaxValue, 10)]
    public async Task UnreadableFrame_OutsideOfItsPart_IsNotRead(long offset, int length)
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1, series: 1);
        await fixture.WriteAsync(agent, agent.Frame(T0));
        await fixture.SealAsync();
        using var reader = new PartReader(fixture.Partition.Parts[0]);
        Assert.Null(reader.TryReadUnreadableFrame(new UnreadableFrame("default", agent.Id, default, Log.LogClass.Live, 0, "Crc", offset, length, 0)));
    }

    // Every third bit flipped in turn, cut off at every place, a byte repeated.
    private static IEnumerable<byte[]> Changes(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] flipped = [.. bytes];
            flipped[i] ^= (byte)(1 << (i * 3 % 8));
            yield return flipped;
            yield return bytes[..i];
            if (i % 4 == 0) yield return [.. bytes[..i], bytes[i], .. bytes[i..]];
        }
    }
}
