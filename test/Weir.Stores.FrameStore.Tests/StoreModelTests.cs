using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>Whatever is written, sealed, merged and restarted in whatever order: the answers are those of the model.</summary>
public sealed class StoreModelTests
{
    private const long Hour = 3_600_000;
    private const long T0 = 472_222 * Hour;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Answers_AreTheSame_AcrossEverySealMergeAndRestart(int seed)
    {
        var random = new Random(seed);
        StoreFixture fixture = await StoreFixture.CreateAsync();
        var model = new StoreModel();
        // Two schemas of one host: a device came or went.
        TestAgent[] agents = [new(1), new(2), new(1, series: 5, epoch: 77), new(3)];
        if (seed % 2 == 0) foreach (TestAgent agent in agents) agent.NewBaseline(T0);
        int seals = 0, merges = 0;
        for (int step = 0; step < 150; step++)
        {
            switch (random.Next(20))
            {
                case < 15:
                    await WriteAsync(fixture, model, agents[random.Next(agents.Length)], random);
                    break;
                case < 17:
                    await fixture.SealAsync();
                    seals++;
                    break;
                case < 18:
                    await fixture.MergeAsync();
                    merges++;
                    break;
                case < 19:
                    await fixture.CloseAsync();
                    await fixture.ReopenAsync();
                    break;
                default:
                    if (seed % 2 == 0) agents[random.Next(agents.Length)].NewBaseline(T0 + random.Next(3 * (int)Hour / 1000 * 1000));
                    break;
            }

            await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
            long from = T0 + random.Next(3 * (int)Hour);
            await model.AssertEqualAsync(fixture, from, from + random.Next((int)Hour));
        }

        Assert.True(seals > 3 && merges > 1);
        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task Answers_AreTheSame_WhileASealIsUnderWay()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var model = new StoreModel();
        var random = new Random(9);
        TestAgent[] agents = [new(1), new(2)];
        for (int i = 0; i < 20; i++) await WriteAsync(fixture, model, agents[i % 2], random);
        using (var upkeep = new Upkeep.StoreUpkeep(fixture.Store)) await upkeep.SealAsync(fixture.Partition, static () => { }, CancellationToken.None);
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        for (int i = 0; i < 10; i++) await WriteAsync(fixture, model, agents[i % 2], random);
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        fixture.Advance();
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        Assert.NotEmpty(fixture.Partition.Parts);
    }

    [Fact]
    public async Task Frame_ThatComesIntoARangeBeingSealed_IsNotLost()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        var model = new StoreModel();
        var agent = new TestAgent(1);
        await WriteAsync(fixture, model, agent, new Random(1));
        using (var upkeep = new Upkeep.StoreUpkeep(fixture.Store)) await upkeep.SealAsync(fixture.Partition, static () => { }, CancellationToken.None);
        // It waited for its objects and stands before the positions that are sealed.
        TestAgent late = new(2);
        await WriteAsync(fixture, model, late, new Random(2));
        Assert.True(fixture.Partition.TryBeginSeal(new(long.MaxValue, long.MaxValue)));
        await WriteAsync(fixture, model, late, new Random(3));
        Assert.False(fixture.Partition.WantsAdvance(out _));
        Assert.False(fixture.Partition.HasPendingSeal);
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
        await fixture.SealAsync();
        await model.AssertEqualAsync(fixture, 0, long.MaxValue / 2);
    }

    internal static async Task WriteAsync(StoreFixture fixture, StoreModel model, TestAgent agent, Random random)
    {
        int ticks = random.Next(3) == 0 ? 1 : random.Next(1, 60);
        long first = T0 + (random.Next((int)(3 * Hour / 1000)) * 1000L);
        double shift = random.Next(3);
        byte[] frame = agent.Frame(first, ticks, shift: shift);
        await fixture.WriteAsync(agent, frame, random.Next(3) == 0 ? LogClass.Backfill : LogClass.Live);
        model.Write(agent, first, ticks, shift, new FrameRank(0, 1, agent.LastSeq, agent.Epoch));
    }
}
