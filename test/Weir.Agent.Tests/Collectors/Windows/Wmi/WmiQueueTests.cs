using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Windows.Wmi;

/// <summary>Queries that hang, fail and wait, by a clock that the test moves.</summary>
public sealed class WmiQueueTests : IDisposable
{
    private static readonly WmiQueueOptions Limits = new();

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedWmi _wmi = new();
    private readonly WmiQueue _queue;

    public WmiQueueTests() => _queue = new WmiQueue(_wmi.Open, _time, Limits with { MaxWaiting = 3 });

    public void Dispose()
    {
        _queue.Dispose();
        _wmi.Dispose();
    }

    private static WmiQuery Of(string className) => new(@"root\cimv2", className, ["Value"]);

    private Task<IReadOnlyList<WmiValue[]>> Ask(string className) =>
        Task.Factory.StartNew(() => _queue.Run(Of(className)), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task<Task> HangAsync(string className)
    {
        _wmi.Hang(className);
        Task asked = Ask(className);
        await _wmi.HangsAsync();
        return asked;
    }

    private async Task GiveUpAsync(string className)
    {
        Task asked = await HangAsync(className);
        _time.Advance(Limits.Hang);
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => asked);
        Assert.Contains($"FROM {className}", error.Message, StringComparison.Ordinal);
        Assert.Contains("20s", error.Message, StringComparison.Ordinal);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Yield();
    }

    [Fact]
    public async Task Run_ManyQueries_ShareOneThreadAndOneConnection()
    {
        await Task.WhenAll(Ask("A"), Ask("B"), Ask("C"));
        for (int query = 0; query < 500; query++) Assert.Equal(1, _queue.Run(Of("A"))[0][0].Number);
        Assert.Equal((1, 0), (_wmi.Opened, _queue.AbandonedThreads));
    }

    [Fact]
    public async Task Run_QueryHangs_CallerIsToldAndTheNextGoesOnAtOnce()
    {
        Task hanging = await HangAsync("Slow");
        Task<IReadOnlyList<WmiValue[]>> behind = Ask("Quick");
        await Until(() => _queue.Waiting == 1);
        _time.Advance(Limits.Hang - TimeSpan.FromTicks(1));
        Assert.False(hanging.IsCompleted || behind.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<TimeoutException>(() => hanging);
        Assert.Equal(1, (await behind)[0][0].Number);
        Assert.Equal((2, 1), (_wmi.Opened, _queue.AbandonedThreads));
    }

    [Fact]
    public async Task Run_HungQueryReturns_ItsThreadEndsAndItsPlaceIsFree()
    {
        await GiveUpAsync("Slow");
        Assert.Single(_queue.Run(Of("Quick")));
        _wmi.Release("Slow");
        await Until(() => _wmi.Closed == 1);
        Assert.Equal(0, _queue.AbandonedThreads);
        Assert.Single(_queue.Run(Of("Slow")));
        Assert.Equal(2, _wmi.Opened);
    }

    [Fact]
    public async Task Run_OneMoreHangsThanMay_IsStuckAndRefusesAtOnceUntilOneReturns()
    {
        await GiveUpAsync("First");
        await GiveUpAsync("Second");
        Task third = await HangAsync("Third");
        Task behind = Ask("Quick");
        await Until(() => _queue.Waiting == 1);
        _time.Advance(Limits.Hang);
        await Assert.ThrowsAsync<TimeoutException>(() => third);
        SourceException waited = await Assert.ThrowsAsync<SourceException>(() => behind), refused = Assert.Throws<SourceException>(() => _queue.Run(Of("Quick")));
        Assert.Equal((FailureReason.Stuck, FailureReason.Stuck), (waited.Reason, refused.Reason));
        Assert.Contains("3 queries hang", refused.Message, StringComparison.Ordinal);
        Assert.Equal((true, 2, 3), (_queue.IsStuck, _queue.AbandonedThreads, _wmi.Opened));
        // One of the abandoned returns: the one that hangs now takes its place, and a new thread asks.
        _wmi.Release("First");
        await Until(() => !_queue.IsStuck);
        Assert.Single(_queue.Run(Of("Quick")));
        Assert.Equal((2, 4), (_queue.AbandonedThreads, _wmi.Opened));
    }

    [Fact]
    public async Task Run_TheLastThatHangsReturns_ItsThreadIsUsedAgain()
    {
        await GiveUpAsync("First");
        await GiveUpAsync("Second");
        await GiveUpAsync("Third");
        Assert.True(_queue.IsStuck);
        _wmi.Release("Third");
        await Until(() => !_queue.IsStuck);
        Assert.Single(_queue.Run(Of("Quick")));
        Assert.Equal((2, 3), (_queue.AbandonedThreads, _wmi.Opened));
    }

    [Fact]
    public async Task Run_TurnDoesNotCome_SaysWhatItIsBusyWith()
    {
        using var patient = new WmiQueue(_wmi.Open, _time, new WmiQueueOptions { Wait = TimeSpan.FromSeconds(5) });
        _wmi.Hang("Slow");
        Task slow = Task.Run(() => patient.Run(Of("Slow")), TestContext.Current.CancellationToken);
        await _wmi.HangsAsync();
        Task behind = Task.Run(() => patient.Run(Of("Quick")), TestContext.Current.CancellationToken);
        await Until(() => patient.Waiting == 1);
        _time.Advance(TimeSpan.FromSeconds(5));
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(() => behind);
        Assert.Contains("within 5s: it is busy with 'SELECT Value FROM Slow'", error.Message, StringComparison.Ordinal);
        Assert.False(slow.IsCompleted);
        _wmi.Release("Slow");
        await slow;
    }

    [Fact]
    public async Task Run_MoreWaitThanMay_IsRefused()
    {
        Task hanging = await HangAsync("Slow");
        Task[] waiting = [Ask("A"), Ask("B"), Ask("C")];
        await Until(() => _queue.Waiting == 3);
        SourceException refused = Assert.Throws<SourceException>(() => _queue.Run(Of("D")));
        Assert.Equal((FailureReason.Error, "3 queries wait for WMI already"), (refused.Reason, refused.Message));
        _wmi.Release("Slow");
        await Task.WhenAll([hanging, .. waiting]);
    }

    [Fact]
    public void Run_AccessDenied_HasItsReasonAndTheNextQueryGoesOn()
    {
        _wmi.Answers["Denied"] = static () => throw WmiFailure.Of(unchecked((int)0x80041003), Of("Denied"));
        SourceException error = Assert.Throws<SourceException>(() => _queue.Run(Of("Denied")));
        Assert.Equal(FailureReason.AccessDenied, error.Reason);
        Assert.Contains("'Enable Account'", error.Message, StringComparison.Ordinal);
        Assert.Single(_queue.Run(Of("Quick")));
        Assert.Equal(1, _wmi.Opened);
    }

    [Fact]
    public void Run_WmiCannotBeOpened_FailsAndIsTriedAnew()
    {
        int tried = 0;
        using var queue = new WmiQueue(() => ++tried == 1 ? throw new SourceException(FailureReason.NotHere, "not installed") : _wmi.Open(), _time);
        Assert.Equal("not installed", Assert.Throws<SourceException>(() => queue.Run(Of("A"))).Message);
        Assert.Single(queue.Run(Of("A")));
    }

    [Fact]
    public async Task Dispose_WhileQueriesHangAndWait_EndsTheirCallers()
    {
        Task hanging = await HangAsync("Slow");
        Task waiting = Ask("A");
        await Until(() => _queue.Waiting == 1);
        _queue.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => hanging);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        _wmi.Release("Slow");
        await Until(() => _wmi.Closed == 1);
    }
}
