using Microsoft.Extensions.Time.Testing;

namespace Weir.Gateway.Tests;

public sealed class LogThrottleTests
{
    [Fact]
    public void Passes_OnceASecond_AndSaysHowManyItHeldBack()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(time);
        Assert.True(throttle.Passes(out long hidden));
        Assert.Equal(0, hidden);
        for (int i = 0; i < 1000; i++) Assert.False(throttle.Passes(out _));
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(throttle.Passes(out _));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(throttle.Passes(out hidden));
        Assert.Equal(1001, hidden);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(throttle.Passes(out hidden));
        Assert.Equal(0, hidden);
    }
}
