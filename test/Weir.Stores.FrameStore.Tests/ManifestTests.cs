using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;
using Weir.TestKit.Agents;
using Weir.TestKit.FileSystem;

namespace Weir.Stores.FrameStore.Tests;

public sealed class ManifestTests
{
    private const string Path = "/store/0/MANIFEST";

    private static readonly AgentId Agent = new(1, 2);

    private static Manifest Some() => new(
        7,
        new StoreProgress(new LogPositions(123_456, 99), new byte[] { 1, 2, 3, 4, 5 }),
        [
            new PartInfo
            {
                Number = 3, HourMs = 472_222 * 3_600_000L, MadeMs = 1_700_003_700_000, Bytes = 1000, Samples = 50, Digest = 6, FirstMs = 472_222 * 3_600_000L + 5, LastMs = 472_222 * 3_600_000L + 9,
                Exclusions = [new Exclusion("default", Agent, 4, 10, 20)],
            },
        ],
        9);

    [Fact]
    public void Encode_Bytes_AreFrozen() => Assert.Equal(
        "57454952" + "4d414e31" + "02" + "47000000" + "e6882e12" + "07" + "c0c407" + "63" + "09" + "01"
        + "03" + "9ee91c" + "a0baf780bd31" + "e807" + "32" + "0600000000000000" + "05" + "04" + "01"
        + "07" + "64656661756c74" + "0000000000000001" + "0000000000000002" + "0400000000000000" + "0a" + "14" + "05" + "0102030405",
        Convert.ToHexStringLower(Some().Encode()));

    [Fact]
    public void Decode_Version1_HasNoParts()
    {
        Manifest read = Manifest.Decode(
            Convert.FromHexString("57454952" + "4d414e31" + "01" + "0c000000" + "b315735e" + "07" + "c0c407" + "63" + "00" + "05" + "0102030405"), Path);
        Assert.Equal((7UL, new LogPositions(123_456, 99), 1L), (read.Number, read.Progress.Positions, read.NextPart));
        Assert.Empty(read.Parts);
        Assert.Equal([1, 2, 3, 4, 5], read.Progress.Snapshot.ToArray());
    }

    [Fact]
    public void Decode_OwnBytes_RoundTrips()
    {
        Manifest read = Manifest.Decode(Some().Encode(), Path);
        Assert.Equal(7UL, read.Number);
        Assert.Equal(new LogPositions(123_456, 99), read.Progress.Positions);
        Assert.Equal([1, 2, 3, 4, 5], read.Progress.Snapshot.ToArray());
        PartInfo part = Assert.Single(read.Parts), expected = Assert.Single(Some().Parts);
        Assert.Equal(expected with { Exclusions = [] }, part with { Exclusions = [] });
        Assert.Equal(expected.Exclusions, part.Exclusions);
        Assert.Equal(9, read.NextPart);
    }

    [Fact]
    public void Decode_AnyByteFlippedOrCutOff_IsRefusedByName()
    {
        byte[] bytes = Some().Encode();
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (byte mask in (byte[])[1, 0x80])
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= mask;
                Assert.Contains(Path, Assert.Throws<StoreFormatException>(() => Manifest.Decode(damaged, Path)).Message, StringComparison.Ordinal);
            }

            Assert.Throws<StoreFormatException>(() => Manifest.Decode(bytes.AsSpan(0, i), Path));
        }

        Assert.Throws<StoreFormatException>(() => Manifest.Decode([.. bytes, 0], Path));
    }

    [Fact]
    public async Task Open_ManifestGoneWhileTheLogIsTruncated_Refuses()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int i = 0; i < 40; i++) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 1000)));
        long kept = fixture.Log.Partition(LogClass.Live, 0).Segments[1].Start;
        fixture.Partitions[0].Advance(new StoreProgress(new LogPositions(kept, 0), default));
        await fixture.CloseAsync();
        fixture.Files.Delete(Path);
        await Assert.ThrowsAsync<StoreFormatException>(fixture.OpenAsync);
    }

    [Fact]
    public async Task Advance_ToPositionsBeforeTheProgress_IsRefused()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(1);
        for (int i = 0; i < 10; i++) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 1000)));
        await fixture.SealAsync();
        LogPositions at = fixture.Partition.Progress.Positions;
        foreach (LogPositions back in (LogPositions[])[default, at.With(LogClass.Live, at.Live - 1), new(0, at.Backfill + 1)])
            Assert.Throws<ArgumentException>(() => fixture.Partition.Advance(new StoreProgress(back, default)));
        Assert.Equal(at, fixture.Partition.Progress.Positions);
    }

    [Fact]
    public async Task Advance_CrashAtAnyStep_LeavesTheOldOrTheNewAndEveryFrameBehindIt()
    {
        int crashes = 0;
        for (int step = 1; ; step++)
        {
            StoreFixture fixture = await StoreFixture.CreateAsync();
            var agent = new TestAgent(1);
            for (int i = 0; i < 40; i++) await fixture.WriteAsync(agent, agent.Frame(1_700_000_000_000 + (i * 1000)));
            long kept = fixture.Log.Partition(LogClass.Live, 0).Segments[2].Start;
            fixture.Files.CrashAtStep = fixture.Files.Steps + step;
            try
            {
                fixture.Partitions[0].Advance(new StoreProgress(new LogPositions(kept, 0), new byte[] { 9 }));
            }
            catch (IOException)
            {
                // Stopped before it was done; behind that, truncating fails without a word.
            }

            bool finished = !fixture.Files.HasStopped;
            fixture.Files.Crash(new Random(step));
            crashes++;
            await fixture.OpenAsync();
            StoreProgress progress = fixture.Partitions[0].Progress;
            Assert.True(progress.Positions.Live == kept || (!finished && progress.Positions.Live == 0));
            // The log reaches back to where the manifest says that reading starts.
            SegmentLog log = fixture.Log.Partition(LogClass.Live, 0);
            Assert.Empty(log.Recovery.DamagedRanges);
            Assert.Equal(progress.Positions.Live, log.Start);
            await fixture.DisposeAsync();
            if (finished) break;
        }

        Assert.True(crashes > 5);
    }
}
