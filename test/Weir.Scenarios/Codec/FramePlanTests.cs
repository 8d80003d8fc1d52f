using Weir.Bench.Codec;

namespace Weir.Scenarios.Codec;

public sealed class FramePlanTests
{
    [Theory]
    [InlineData(1, 60)]
    [InlineData(10, 5)]
    [InlineData(11, 1)]
    [InlineData(299, 60)]
    [InlineData(301, 10)]
    [InlineData(1234, 7)]
    public void Frames_OfAnyRecording_CoverEachTickOnceAndCrossNoRenewal(int ticks, int ticksPerFrame)
    {
        var plan = new FramePlan(ticks);

        TickSpan[] spans = [.. plan.WarmUp(ticksPerFrame), .. plan.Measured(ticksPerFrame)];

        Assert.Equal(Enumerable.Range(0, ticks), spans.SelectMany(static span => Enumerable.Range(span.First, span.Count)));
        Assert.All(spans, span => Assert.InRange(span.Count, 1, ticksPerFrame));
        Assert.All(plan.Renewals(), renewal => Assert.Contains(spans, span => span.First == renewal));
    }

    [Fact]
    public void Frames_FullRecording_MeasuredInWholeFrames()
    {
        var plan = new FramePlan(1200);

        Assert.Equal(300, plan.MeasuredFrom);
        Assert.Null(plan.Note);
        Assert.Equal([10, 30, 100, 300, 600, 900], plan.Renewals());
        Assert.All(plan.Measured(60), static span => Assert.Equal(60, span.Count));
        Assert.All(plan.WarmUp(60).Take(10), static span => Assert.Equal(1, span.Count));
    }
}
