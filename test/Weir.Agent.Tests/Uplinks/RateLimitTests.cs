using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>The rate of a backlog holds over time, whatever the size of what goes.</summary>
public sealed class RateLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Unset_IsNoLimit()
    {
        var limit = new RateLimit(_time);
        for (int i = 0; i < 1000; i++) limit.Take(1 << 20);
        Assert.True(limit.IsOpen);
        Assert.Equal(TimeSpan.Zero, limit.UntilOpen);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(250_000)]
    public void Take_AsSoonAsOpen_KeepsTheRate(int bytes)
    {
        var limit = new RateLimit(_time);
        limit.Set(10_000);
        const int Seconds = 600;
        long sent = 0;
        for (int ms = 0; ms < Seconds * 1000; ms += 10)
        {
            for (; limit.IsOpen; sent += bytes) limit.Take(bytes);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        // A second's worth at the start, and the last may be overdrawn.
        Assert.InRange(sent, Seconds * 10_000L, ((Seconds + 1) * 10_000L) + bytes);
    }

    [Fact]
    public void UntilOpen_Passed_IsOpen()
    {
        var limit = new RateLimit(_time);
        limit.Set(1_000);
        limit.Take(5_000);
        Assert.False(limit.IsOpen);
        _time.Advance(limit.UntilOpen - TimeSpan.FromMilliseconds(10));
        Assert.False(limit.IsOpen);
        _time.Advance(TimeSpan.FromMilliseconds(11));
        Assert.True(limit.IsOpen);
    }

    [Fact]
    public void Set_Again_NeitherForgetsWhatWasOverdrawnNorKeepsMoreThanASecond()
    {
        var limit = new RateLimit(_time);
        limit.Set(1_000);
        limit.Take(5_000);
        limit.Set(2_000);
        Assert.Equal(2.0, limit.UntilOpen.TotalSeconds, 0.01);
        _time.Advance(TimeSpan.FromHours(1));
        limit.Set(100);
        limit.Take(100);
        Assert.False(limit.IsOpen);
    }
}
