using Weir.Frames;
using Weir.Stores.FrameStore.Parts;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>Whatever is written can be read again, however large a host is.</summary>
public sealed class PartWriterTests
{
    private const long T0 = 472_222 * PartFormat.HourMs;

    [Fact]
    public async Task EndGroup_AsManySeriesAsThereMayBe_MakesDirectoriesThatCanBeRead()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var agent = new TestAgent(2, series: FrameLimits.MaxSeries);
        int ticks = StripBuilder.MaxTicks(FrameLimits.MaxSeries), strips = PartFormat.MaxStripTicks / ticks;
        // Every second series moves, 16 to a block; the others stand still, 128 to a block: a directory cannot name them by runs.
        int[][] blocks = [.. Enumerable.Range(0, 50_000).Select(static i => 2 * i).Chunk(16), .. Enumerable.Range(0, 50_000).Select(static i => (2 * i) + 1).Chunk(128)];
        using PartWriter writer = Begin(fixture, agent);
        for (int strip = 0; strip < strips; strip++)
        {
            var axis = new AxisFrame(T0 + (strip * ticks * 1000L), 1000, ticks, null, new FrameRank(0, 1, (ulong)strip + 1, agent.Epoch));
            writer.AddStrip(new PartStrip([axis], ticks, [.. blocks.Select(block => writer.AddBlock(block, [1, 2, 3, 4]))]));
        }

        writer.EndGroup(agent.Schema, new WindowSums());
        Part part = Finish(fixture, writer);
        List<PartStrip> read = AssertReadable(part);
        Assert.Equal(Enumerable.Range(0, strips).Select(strip => T0 + (strip * ticks * 1000L)), read.Select(static strip => strip.FirstMs));
        Assert.All(read, static strip => Assert.Equal(FrameLimits.MaxSeries, strip.Blocks.Sum(static block => block.Series.Length)));
    }

    [Fact]
    public async Task EndGroup_ManyCopiesOfAnHour_AreSplitBetweenStripsAndVerify()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        TestAgent agent = new(1, series: 1), other = new(1, series: 2);
        using PartWriter writer = Begin(fixture, agent);
        var (builder, encoder, windows) = (new StripBuilder(), new StripEncoder(), new WindowSums());
        const int Copies = 130;
        for (int copy = 0; copy < Copies; copy++) WriteHour(writer, agent, (uint)copy);
        writer.EndGroup(agent.Schema, windows);
        windows.Clear();
        // Another group behind the one that was split.
        WriteHour(writer, other, 0);
        writer.EndGroup(other.Schema, windows);
        Part part = Finish(fixture, writer);
        Assert.InRange(part.Rows.Length, 3, 20);
        Assert.Equal(Copies + 1, AssertReadable(part).Count);
        Assert.Empty(PartVerifier.Verify(fixture.Partition, part, CancellationToken.None));

        void WriteHour(PartWriter writer, TestAgent agent, uint copy)
        {
            int series = agent.Schema.SeriesCount;
            builder.Begin(series, PartFormat.MaxStripTicks);
            var values = new double[series];
            byte[] present = [.. Enumerable.Repeat((byte)1, series)];
            for (int tick = 0; tick < PartFormat.MaxStripTicks; tick++)
            {
                var frame = new AxisFrame(T0 + (tick * 1000L), 0, 1, null, new FrameRank((uint)tick, copy, (ulong)tick * (ulong)tick, agent.Epoch + (ulong)tick));
                Array.Fill(values, copy);
                builder.Add(frame, values, present, 1, 0);
                for (int s = 0; s < series; s++) windows.Add(agent.Schema.SeriesHashes[s], [frame.FirstMs], values.AsSpan(s, 1), present.AsSpan(s, 1), T0);
            }

            builder.WriteTo(writer, encoder);
        }
    }

    private static PartWriter Begin(StoreFixture fixture, TestAgent agent)
    {
        var writer = new PartWriter(fixture.Files, fixture.Partition.Manifest.PartsDirectory, 7, T0);
        writer.BeginHost("default", agent.Id, []);
        return writer;
    }

    private static Part Finish(StoreFixture fixture, PartWriter writer)
    {
        writer.EndHost();
        PartInfo info = writer.Finish(T0);
        writer.Publish();
        Part part = fixture.Partition.OpenPart(info);
        Assert.Equal(PartDamage.None, part.Damage);
        return part;
    }

    private static List<PartStrip> AssertReadable(Part part)
    {
        using var reader = new PartReader(part);
        var strips = new List<PartStrip>();
        foreach (PartRow row in part.Rows)
        {
            HostDirectory? directory = reader.TryReadDirectory(row);
            Assert.NotNull(directory);
            foreach (PartGroup group in directory.Groups) strips.AddRange(group.Strips);
        }

        foreach (PartStrip strip in strips)
            foreach (PartBlock block in strip.Blocks) Assert.True(reader.TryReadBlock(block, out _));
        return strips;
    }
}
