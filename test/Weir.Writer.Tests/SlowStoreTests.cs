using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

/// <summary>A store that takes nothing: the log does, and nobody in front of it waits.</summary>
public sealed class SlowStoreTests
{
    private const long T0 = 1_700_000_000_000;

    [Fact]
    public async Task A_store_that_does_not_move_holds_back_no_append()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        using var writing = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        fixture.Store.BeforeWrite = () =>
        {
            writing.Set();
            released.Wait(TestContext.Current.CancellationToken);
        };
        await fixture.AppendAsync(agent, [.. agent.Objects(T0), agent.Frame(T0)]);
        Task catchingUp = fixture.Writer.CatchUpAsync(CancellationToken.None);
        writing.Wait(TestContext.Current.CancellationToken);
        for (int i = 1; i <= 500; i++) await fixture.AppendAsync(agent, [agent.Frame(T0 + (i * 1000))]);
        Assert.False(catchingUp.IsCompleted);
        Assert.Empty(fixture.Store.Frames);
        released.Set();
        await catchingUp;
        await fixture.Writer.CatchUpAsync(CancellationToken.None);
        Assert.Equal(501, fixture.Store.Frames.Count);
    }
}
