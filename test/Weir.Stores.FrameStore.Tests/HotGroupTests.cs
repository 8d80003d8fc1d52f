using Weir.Contracts;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

public sealed class HotGroupTests
{
    private const long T0 = 1_700_000_000_000;

    private readonly TestAgent _agent = new(1);

    [Fact]
    public void Add_AnotherOriginWithEveryFrame_CostsAsMuchAsOneOrigin()
    {
        // The origins of hundreds of thousands of frames: searched one by one they would take minutes.
        HotGroup group = Filled(300_000);
        Assert.Equal(300_000, group.FrameCount);
        AssertOrigins(group, 0, 300_000);
    }

    [Fact]
    public void Forget_FramesOfManyOrigins_KeepsThoseOfTheRest()
    {
        HotGroup group = Filled(1000);
        group.Forget(static frame => frame.Position < 700 * 100);
        AssertOrigins(group, 700, 300);
        for (int i = 1000; i < 1100; i++) group.Add(Frame(i), 1000);
        group.Forget(static frame => frame.Position < 1080 * 100);
        AssertOrigins(group, 1080, 20);
        for (int i = 1100; i < 1110; i++) group.Add(Frame(i), 1000);
        AssertOrigins(group, 1080, 30);
    }

    private static FrameRef Frame(int i) => new(T0 + i, T0 + i, i * 100L, 100, 1, LogClass.Live, new FrameRank((uint)i, 1, (ulong)i + 1, (ulong)i << 32), null);

    private static void AssertOrigins(HotGroup group, int first, int count)
    {
        var frames = new List<FrameRef>();
        group.Collect(0, long.MaxValue / 2, frames);
        Assert.Equal(Enumerable.Range(first, count).Select(Frame), frames);
    }

    private HotGroup Filled(int frames)
    {
        var group = new HotGroup(_agent.Schema, SchemaLabels.Of(_agent.Schema));
        for (int i = 0; i < frames; i++) group.Add(Frame(i), 1000);
        return group;
    }
}
