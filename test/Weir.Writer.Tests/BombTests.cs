using Weir.Frames;
using Weir.Log;
using Weir.TestKit.Agents;
using Weir.TestKit.Bombs;

namespace Weir.Writer.Tests;

/// <summary>Objects that unfold to more than a gibibyte, in the midst of a record: kept aside by name, and the rest goes on.</summary>
public sealed class BombTests
{
    private const long T0 = 1_700_000_000_000;

    [Theory]
    [InlineData(FrameLimits.MaxObjectBytes)]
    [InlineData(Bomb.UnfoldedBytes)]
    public async Task An_object_that_unfolds_goes_to_quarantine_and_what_follows_is_stored(long said)
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync();
        var agent = new TestAgent(1);
        var payload = new ByteWriter();
        payload.Varint((ulong)said);
        payload.Bytes(Bomb.Zstd());
        await fixture.WriteAsync(agent, [.. agent.Objects(T0), agent.Frame(T0), agent.Object(ObjectKind.Schema, 7, T0, payload.Written.ToArray()), agent.Frame(T0 + 1000)]);
        await fixture.WriteAsync(agent, [agent.Frame(T0 + 2000)]);
        Assert.Equal([T0, T0 + 1000, T0 + 2000], fixture.Store.Frames.Select(static frame => frame.Entry.FirstMs));
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        await fixture.RestartAsync();
        Assert.Equal(3, fixture.Store.Frames.Count);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
    }
}
