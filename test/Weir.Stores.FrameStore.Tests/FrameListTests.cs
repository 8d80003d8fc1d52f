using CsCheck;
using Weir.Log;

namespace Weir.Stores.FrameStore.Tests;

public sealed class FrameListTests
{
    private static PackedFrame Frame(int number) => new(new FrameRef(number, number, number, 1, 1, LogClass.Live, default, null), 0);

    [Fact]
    public void AnyAddsInsertsAndRemovals_EqualAList() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 10_000], Gen.Int[1, 3 * FrameList.ChunkFrames]).Array[0, 60].Sample(steps =>
        {
            var list = new FrameList();
            var model = new List<int>();
            int next = 0;
            foreach ((int action, int place, int count) in steps)
            {
                if (action == 0)
                {
                    int divisor = (place % 7) + 1;
                    Assert.Equal(model.RemoveAll(number => number % divisor == 0), list.RemoveAll(frame => frame.FirstMs % divisor == 0));
                }
                else if (action < 5)
                {
                    int at = place % (model.Count + 1);
                    model.Insert(at, next);
                    list.Insert(at, Frame(next++));
                }
                else
                {
                    for (int i = 0; i < count; i++)
                    {
                        model.Add(next);
                        list.Add(Frame(next++));
                    }
                }
            }

            Assert.Equal(model.Count, list.Count);
            for (int i = 0; i < model.Count; i++) Assert.Equal(model[i], list[i].FirstMs);
        });
}
