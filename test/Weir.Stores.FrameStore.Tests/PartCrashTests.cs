using Weir.Contracts;
using Weir.Stores.FrameStore.Upkeep;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>The machine stops between every two steps of a seal and of a merge, over a file system that loses what was not made durable.</summary>
public sealed class PartCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Crash_AtAnyStep_LosesNothingAndAnswersTheSame(bool merge)
    {
        int crashes = 0;
        for (int step = 1; ; step++)
        {
            StoreFixture fixture = await StoreFixture.CreateAsync();
            var model = new StoreModel();
            var random = new Random(4);
            TestAgent[] agents = [new(1), new(2), new(1, series: 4, epoch: 5)];
            for (int i = 0; i < 12; i++) await StoreModelTests.WriteAsync(fixture, model, agents[i % 3], random);
            if (merge)
            {
                await fixture.SealAsync();
                for (int i = 0; i < 12; i++) await StoreModelTests.WriteAsync(fixture, model, agents[i % 3], random);
                await fixture.SealAsync();
            }

            fixture.Files.CrashAtStep = fixture.Files.Steps + step;
            try
            {
                if (merge) await fixture.MergeAsync();
                else await fixture.SealAsync();
            }
            catch (IOException)
            {
                // Stopped before it was done; behind that, unlinking fails without a word.
            }

            bool finished = !fixture.Files.HasStopped;
            fixture.Files.Crash(new Random(step));
            crashes++;
            // Recover, write, recover again.
            await fixture.ReopenAsync();
            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
            await StoreModelTests.WriteAsync(fixture, model, agents[0], random);
            await fixture.SealAsync();
            await fixture.MergeAsync();
            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
            fixture.Files.Crash(new Random(step));
            await fixture.ReopenAsync();
            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
            Assert.Equal(fixture.Partition.Parts.Count, fixture.Files.ListFiles("/store/0/parts").Count);
            if (finished) break;
        }

        Assert.True(crashes > 10);
    }

    [Fact]
    public async Task Disk_ThatFillsUpDuringASealOrMerge_LosesNothingAndHeals()
    {
        for (long free = 0; free < 4000; free += 250)
        {
            StoreFixture fixture = await StoreFixture.CreateAsync();
            var model = new StoreModel();
            var random = new Random(4);
            TestAgent[] agents = [new(1), new(2)];
            for (int i = 0; i < 10; i++) await StoreModelTests.WriteAsync(fixture, model, agents[i % 2], random);
            fixture.Files.FreeBytes = free;
            bool failed = false;
            try
            {
                await fixture.SealAsync();
            }
            catch (IOException)
            {
                failed = true;
            }

            if (free == 0) Assert.True(failed);
            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
            if (failed) Assert.DoesNotContain(fixture.Files.ListFiles("/store/0/parts"), static name => name.EndsWith(".new", StringComparison.Ordinal));
            fixture.Files.FreeBytes = null;
            await fixture.SealAsync();
            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
            await fixture.DisposeAsync();
        }
    }

    [Fact]
    public async Task Disk_ThatFillsUpDuringASealOfManyHours_KeepsNoPartOfIt()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int hour = 0; hour < 12; hour++) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (hour * 3_600_000L)));
        using var upkeep = new StoreUpkeep(fixture.Store);
        int failed = 0;
        for (long free = 0; ; free += 500, failed++)
        {
            fixture.Files.FreeBytes = free;
            try
            {
                await upkeep.SealAsync(fixture.Partition, static () => { }, CancellationToken.None);
                break;
            }
            catch (IOException)
            {
                Assert.Empty(fixture.Files.ListFiles("/store/0/parts"));
            }
        }

        Assert.True(failed > 5);
        fixture.Files.FreeBytes = null;
        fixture.Advance();
        Assert.Equal(12, fixture.Partition.Parts.Count);
    }

    [Fact]
    public async Task Segment_ThatCannotBeUnlinked_EndsNoAdvanceAndLeavesNoGap()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int i = 0; i < 60; i++) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 10_000), 10));
        int segments = fixture.Partition.Live.Segments.Count, failures = 1;
        Assert.True(segments > 3);
        fixture.Faulty.BeforeDelete = path =>
        {
            if (path.EndsWith(".seg", StringComparison.Ordinal) && failures-- > 0) throw new IOException("read-only file system");
        };
        await fixture.SealAsync();
        Assert.Equal(fixture.Partition.Live.DurableEnd, fixture.Partition.Progress.Positions.Live);
        // None behind it goes before it.
        Assert.Equal(segments, Segments().Count());
        fixture.Partition.TruncateLogs(fixture.Partition.Progress.Positions);
        Assert.Single(Segments());
        await fixture.CloseAsync();
        await fixture.ReopenAsync();
        Assert.Empty(fixture.Partition.Live.Recovery.DamagedRanges);
        Assert.Equal(600, (await fixture.ReadAsync(0, long.MaxValue / 2))[0].TimesMs.Length);

        IEnumerable<string> Segments() => fixture.Files.ListFiles("/log/live/0").Where(static name => name.EndsWith(".seg", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Truncations_AtOnce_UnlinkInOrder()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int i = 0; i < 60; i++) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 10_000), 10));
        var log = fixture.Partition.Live;
        string[] expected = [.. log.Segments.SkipLast(1).Select(static segment => $"/log/live/0/{segment.Start:D20}.seg")];
        var unlinked = new List<string>();
        Thread? other = null;
        fixture.Faulty.BeforeDelete = path =>
        {
            if (other is null)
            {
                other = new Thread(() => log.TruncateBefore(log.DurableEnd));
                other.Start();
                // Long enough for it to overtake, were it not to wait.
                other.Join(TimeSpan.FromMilliseconds(100));
            }

            unlinked.Add(path);
        };
        log.TruncateBefore(log.DurableEnd);
        other!.Join();
        Assert.True(expected.Length > 2);
        Assert.Equal(expected, unlinked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Part_ThatCannotBeOpenedWhenItIsWritten_DoesNotCountAndIsMadeAgain(bool merge)
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int i = 0; i < (merge ? 2 : 0); i++)
        {
            await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 10_000), 10));
            await fixture.SealAsync();
        }

        if (!merge) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000, 20));
        LogPositions before = fixture.Partition.Progress.Positions;
        string made = merge ? "00000003.part" : "00000001.part";
        fixture.Faulty.BeforeOpen = path =>
        {
            if (path.EndsWith(made, StringComparison.Ordinal)) throw new IOException("too many open files");
        };
        await Assert.ThrowsAsync<IOException>(WorkAsync);
        fixture.Faulty.BeforeOpen = static _ => { };
        Assert.Equal(before, fixture.Partition.Progress.Positions);
        Assert.Equal(merge ? 2 : 0, fixture.Files.ListFiles("/store/0/parts").Count);
        Assert.Equal(20, (await fixture.ReadAsync(0, long.MaxValue / 2))[0].TimesMs.Length);
        await WorkAsync();
        Assert.Single(fixture.Files.ListFiles("/store/0/parts"));
        Assert.Equal(20, (await fixture.ReadAsync(0, long.MaxValue / 2))[0].TimesMs.Length);

        Task WorkAsync() => merge ? fixture.MergeAsync() : fixture.SealAsync();
    }

    [Fact]
    public async Task Merge_WhoseManifestCannotBeWritten_LeavesOneFileAtMostAndHeals()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int i = 0; i < 2; i++)
        {
            await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 10_000), 10));
            await fixture.SealAsync();
        }

        fixture.Faulty.BeforeCreate = static path =>
        {
            if (path.Contains("MANIFEST", StringComparison.Ordinal)) throw new IOException("no space left on device");
        };
        for (int i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<IOException>(fixture.MergeAsync);
            Assert.Equal(3, fixture.Files.ListFiles("/store/0/parts").Count);
        }

        fixture.Faulty.BeforeCreate = static _ => { };
        await fixture.MergeAsync();
        Assert.Single(fixture.Files.ListFiles("/store/0/parts"));
        Assert.Equal(20, (await fixture.ReadAsync(0, long.MaxValue / 2))[0].TimesMs.Length);
    }

    [Fact]
    public async Task Manifest_InDoubt_NamesNoPartThatIsUnlinked()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            bool merge = seed % 2 == 0;
            StoreFixture fixture = await StoreFixture.CreateAsync();
            var agent = new TestAgent(1);
            await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000, 10), isWaiting: true);
            await fixture.WriteAsync(agent, agent.Frame(1_700_000_010_000, 10));
            using var upkeep = new StoreUpkeep(fixture.Store);
            if (merge) await fixture.SealAsync();
            if (merge) await fixture.WriteAsync(agent, agent.Frame(1_700_000_020_000, 10));
            if (merge) await fixture.SealAsync();
            else await upkeep.SealAsync(fixture.Partition, static () => { }, CancellationToken.None);
            // Renamed, and not known to be durable.
            int failures = 1;
            fixture.Faulty.BeforeSync = path =>
            {
                if (path.TrimEnd('/') == "/store/0" && failures-- > 0) throw new IOException("input/output error");
            };
            if (merge)
            {
                await Assert.ThrowsAsync<IOException>(fixture.MergeAsync);
                await fixture.MergeAsync();
            }
            else
            {
                Assert.Throws<IOException>(fixture.Advance);
                // Spoils the seal, whose parts are unlinked.
                fixture.Release(fixture.Written[0]);
                Assert.False(fixture.Partition.WantsAdvance(out _));
                Assert.Empty(fixture.Files.ListFiles("/store/0/parts"));
            }

            fixture.Files.Crash(new Random(seed));
            await fixture.ReopenAsync();
            Assert.All(fixture.Partition.Parts, static part => Assert.Equal(Parts.PartDamage.None, part.Damage));
            Assert.Equal(20, (await fixture.ReadAsync(0, long.MaxValue / 2))[0].TimesMs.Length);
            await fixture.DisposeAsync();
        }
    }
}
