using Weir.Agent.Collection;

namespace Weir.Agent.Tests.Collection;

/// <summary>The rules of DESIGN 7, as a table.</summary>
public sealed class FrameCadenceTests
{
    [Theory]
    // interval, configured, watched, received, metered, ticks
    [InlineData(1_000, 5, false, true, false, 5)]
    [InlineData(1_000, 10, false, true, false, 10)]
    [InlineData(1_000, 0, false, true, false, 1)]
    [InlineData(100, 5, false, true, false, 50)]
    [InlineData(5_000, 5, false, true, false, 1)]
    [InlineData(2_000, 5, false, true, false, 2)]
    [InlineData(15_000, 60, false, true, false, 1)]
    [InlineData(1_000, 5, true, true, false, 1)]
    [InlineData(1_000, 5, true, false, false, 1)]
    [InlineData(1_000, 5, true, true, true, 1)]
    [InlineData(1_000, 5, false, false, false, 60)]
    [InlineData(1_000, 5, false, true, true, 60)]
    [InlineData(15_000, 5, false, false, false, 4)]
    [InlineData(15_000, 5, false, true, true, 4)]
    [InlineData(300_000, 5, false, false, true, 1)]
    [InlineData(1_000, 0, false, false, true, 1)]
    public void Next_ByRule_GivesTheTicks(long intervalMs, int frameSeconds, bool watched, bool received, bool metered, int ticks)
    {
        var time = new SteppedTime(DateTimeOffset.UnixEpoch);
        var signals = new DeliverySignals(time);
        if (!received) signals.Spooled();
        time.Advance(DeliverySignals.Unreceived);
        if (watched) signals.Hold(TimeSpan.FromSeconds(60));
        Assert.Equal((watched, received), (signals.IsWatched, signals.IsReceived));

        var cadence = new FrameCadence(signals, intervalMs, new CadenceOptions(frameSeconds, metered) { FirstTicks = 2 });

        // The first ticks of an epoch go alone whatever else holds, once for each epoch.
        Assert.Equal([1, 1, ticks, ticks], Enumerable.Range(0, 4).Select(_ => cadence.Next()));
        signals.EpochBegan();
        Assert.Equal([1, 1, ticks], Enumerable.Range(0, 3).Select(_ => cadence.Next()));
    }

    [Fact]
    public void Next_WhereTheLinkDoesNotKeepUp_GathersUntilItDoes()
    {
        var signals = new DeliverySignals(new SteppedTime(DateTimeOffset.UnixEpoch));
        var cadence = new FrameCadence(signals, 1_000, new CadenceOptions(5) { FirstTicks = 0 });
        TimeSpan between = (DeliverySignals.Late + DeliverySignals.Prompt) / 2;

        signals.Delivered(between);
        Assert.Equal(5, cadence.Next());
        signals.Delivered(DeliverySignals.Late);
        Assert.Equal(60, cadence.Next());
        signals.Delivered(between);
        Assert.Equal(60, cadence.Next());
        signals.Delivered(DeliverySignals.Prompt);
        Assert.Equal(5, cadence.Next());
    }

    [Fact]
    public void Hold_LongerThanAllowed_EndsAfterTwoMinutesWhateverTheWallClockDoes()
    {
        var time = new SteppedTime(DateTimeOffset.UnixEpoch);
        var signals = new DeliverySignals(time);

        Assert.Equal(DeliverySignals.LongestLease, signals.Hold(TimeSpan.FromHours(1)));
        time.WallOffset = TimeSpan.FromDays(-1);
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.True(signals.IsWatched);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(signals.IsWatched);
    }

    [Fact]
    public void Hold_Again_RenewsAndNeverShortens()
    {
        var time = new SteppedTime(DateTimeOffset.UnixEpoch);
        var signals = new DeliverySignals(time);

        signals.Hold(TimeSpan.FromSeconds(60));
        time.Advance(TimeSpan.FromSeconds(20));
        signals.Hold(TimeSpan.FromSeconds(60));
        signals.Hold(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(signals.IsWatched);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(signals.IsWatched);
    }

    [Fact]
    public void IsReceived_NothingWaits_HoldsHoweverLongTheSilence()
    {
        var time = new SteppedTime(DateTimeOffset.UnixEpoch);
        var signals = new DeliverySignals(time);
        signals.Spooled();
        signals.Acked(more: false);

        time.Advance(TimeSpan.FromHours(1));

        Assert.True(signals.IsReceived);
    }

    [Fact]
    public void IsReceived_AcksStop_EndsAfterHalfAMinuteAndReturnsWithTheFirst()
    {
        var time = new SteppedTime(DateTimeOffset.UnixEpoch);
        var signals = new DeliverySignals(time);
        signals.Spooled();
        time.Advance(TimeSpan.FromSeconds(20));
        signals.Spooled();
        Assert.True(signals.IsReceived);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(signals.IsReceived);

        signals.Acked(more: true);
        Assert.True(signals.IsReceived);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.False(signals.IsReceived);
    }
}
