using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

public sealed class BacklogWindowTests
{
    private const int Most = 1 << 20;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Acked_AsQuicklyAsEver_DoublesUpToTheMost()
    {
        var window = new BacklogWindow(_time, Most);
        Assert.Equal(BacklogWindow.Least, window.Bytes);
        for (int i = 0; i < 3; i++) Trip(window, 100, (int)window.Bytes);
        Assert.Equal(BacklogWindow.Least * 8, window.Bytes);
        for (int i = 0; i < 10; i++) Trip(window, 100, (int)window.Bytes);
        Assert.Equal(Most, window.Bytes);
    }

    [Theory]
    [InlineData(1, 9, true)]
    [InlineData(1, 10, false)]
    [InlineData(60, 75, true)]
    [InlineData(60, 76, false)]
    [InlineData(400, 425, true)]
    [InlineData(400, 426, false)]
    public void Acked_ByAQueueOfAQuarterOfTheWay_Halves(int quickestMs, int tookMs, bool isAllowed)
    {
        var window = new BacklogWindow(_time, Most);
        Trip(window, quickestMs, Most);
        Trip(window, tookMs, 1000);
        Assert.Equal(isAllowed ? Most : Most / 2, window.Bytes);
    }

    [Fact]
    public void Acked_LaterThanAllowed_HalvesOnceARoundTripAndNeverBelowTheLeast()
    {
        var window = new BacklogWindow(_time, Most);
        Trip(window, 20, Most);
        Assert.Equal(Most, window.Bytes);
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(60));
        window.Acked(sent, 1000);
        window.Acked(sent, 1000);
        Assert.Equal(Most / 2, window.Bytes);
        for (int i = 0; i < 20; i++) Trip(window, 60, 1000);
        Assert.Equal(BacklogWindow.Least, window.Bytes);
    }

    [Fact]
    public void Acked_ALiveBatch_SaysHowQuickTheLinkIsAndNothingElse()
    {
        var window = new BacklogWindow(_time, Most);
        Trip(window, 80, Most);
        Trip(window, 10, backlogBytes: 0);
        Assert.Equal(Most, window.Bytes);
        Trip(window, 80, 1000);
        Assert.Equal(Most / 2, window.Bytes);
    }

    [Fact]
    public void Acked_BehindAMinute_BeginsAnewAndForgetsWhatWasQuickest()
    {
        var window = new BacklogWindow(_time, Most);
        Trip(window, 1, Most);
        for (int i = 0; i < 20; i++) Trip(window, 80, 1000);
        Assert.Equal(BacklogWindow.Least, window.Bytes);
        _time.Advance(BacklogWindow.Memory);
        Trip(window, 80, 1000);
        Trip(window, 80, 5000);
        Assert.Equal(BacklogWindow.Least + 6000, window.Bytes);
    }

    [Fact]
    public void Bytes_OfAGatewayWithLittleCredit_AreNoMoreThanThat() => Assert.Equal(1000, new BacklogWindow(_time, 1000).Bytes);

    private void Trip(BacklogWindow window, int ms, int backlogBytes)
    {
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(ms));
        window.Acked(sent, backlogBytes);
    }
}
