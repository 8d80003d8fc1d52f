using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

/// <summary>A full disk: what waits for it holds back neither what makes room nor the log's reserve.</summary>
public sealed class DiskFullTests
{
    private const long T0 = 1_700_000_000_000;

    private readonly FakeTimeProvider _time = new();
    private readonly TestAgent _agent = new(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Partition(WriterFixture fixture) => _agent.Id.Partition(fixture.Log.PartitionCount);

    private LogPositions Ends(WriterFixture fixture) =>
        new(fixture.Log.Partition(LogClass.Live, Partition(fixture)).DurableEnd, fixture.Log.Partition(LogClass.Backfill, Partition(fixture)).DurableEnd);

    [Fact]
    public async Task Quarantine_ThatWaitsForTheDisk_HoldsBackNoSealOfWhatStandsBeforeIt()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.WriteAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0)]);
        SegmentLog log = fixture.Log.Partition(LogClass.Live, Partition(fixture));
        var to = new LogPositions(log.DurableEnd, fixture.Log.Partition(LogClass.Backfill, Partition(fixture)).DurableEnd);
        await fixture.AppendAsync(_agent, [_agent.Frame(T0, seq: 3, shift: 7)]);
        fixture.Files.FreeBytes = 0;

        RecordingStore.Partition store = fixture.Store.Partitions[Partition(fixture)];
        store.Wanted = to;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task running = fixture.Writer.RunAsync(static () => { }, stop.Token);
        await GoOnUntilAsync(() => store.Wanted is null);
        Assert.Equal(to, store.Progress.Positions);
        Assert.Equal(0, fixture.Writer.QuarantinedEntries);

        // What waits is not given up with the log that holds it.
        store.Wanted = new LogPositions(log.DurableEnd, to.Backfill);
        for (int i = 0; i < 100; i++) await GoOnAsync();
        Assert.Equal(to, store.Progress.Positions);
        fixture.Files.FreeBytes = null;
        await GoOnUntilAsync(() => store.Wanted is null);
        await stop.CancelAsync();
        await running;
        Assert.NotNull(Assert.Single(fixture.Directives.Sent).Directive.NewEpoch);
    }

    [Fact]
    public async Task Quarantine_OnAFullDisk_LeavesTheReserveToWhatMakesRoom()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.RestartAsync(() => fixture.Reserve = new DiskReserve(fixture.Files, "/", 10_000, _time));
        Assert.True(fixture.Reserve!.TryHold());
        await fixture.WriteAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0)]);
        await fixture.AppendAsync(_agent, [_agent.Frame(T0, seq: 3, shift: 7)]);
        fixture.Files.FreeBytes = 0;
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(LogError.DiskFull, (await Assert.ThrowsAsync<LogException>(() => fixture.Writer.CatchUpAsync(Cancel))).Error);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10_000, fixture.Files.FreeBytes);
        fixture.Files.FreeBytes = null;
        _time.Advance(TimeSpan.FromSeconds(1));
        await fixture.Writer.CatchUpAsync(Cancel);
        Assert.Equal(1, fixture.Writer.QuarantinedEntries);
        Assert.Equal(10_000, fixture.Reserve.HeldBytes);
    }

    [Fact]
    public async Task Damage_WhileAQuarantineWaitsForTheDisk_IsGivenUpBeforeTheProgressPassesIt()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.RestartAsync(() => fixture.Reserve = new DiskReserve(fixture.Files, "/", 10_000, _time));
        Assert.True(fixture.Reserve!.TryHold());
        byte[][] entries = [.. _agent.Objects(T0), _agent.Frame(T0), _agent.Frame(T0 + 1000)];
        await fixture.WriteAsync(_agent, entries);
        LogPositions to = Ends(fixture);
        await fixture.AppendAsync(_agent, [_agent.Frame(T0 + 1000, seq: 4, shift: 7)]);
        fixture.Files.FreeBytes = 0;
        fixture.Damage(fixture.Store.Frames[0]);
        RecordingStore.Partition store = fixture.Store.Partitions[Partition(fixture)];
        store.Wanted = to;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task running = fixture.Writer.RunAsync(static () => { }, stop.Token);
        await GoOnUntilAsync(() => store.Wanted is null);
        Assert.Equal([4UL], fixture.Store.Sealed.Select(static stored => stored.Entry.Seq));

        fixture.Files.FreeBytes = null;
        (ulong, ulong, ulong)[] asked = [];
        await GoOnUntilAsync(() => (asked = fixture.Directives.TakeResends()).Length > 0);
        Assert.All(asked, range => Assert.Equal((_agent.Epoch, 3UL, 3UL), range));
        await stop.CancelAsync();
        await running;
        await fixture.WriteAsync(_agent, [entries[^2]]);
        Assert.Equal([3UL], fixture.Store.Frames.Select(static stored => stored.Entry.Seq));
    }

    [Fact]
    public async Task Damage_ThatTheDiskDoesNotRemember_HoldsBackTheProgress()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.WriteAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0)]);
        fixture.Damage(fixture.Store.Frames[0]);
        fixture.Files.FreeBytes = 0;
        Assert.ThrowsAny<IOException>(() => fixture.Seal(Partition(fixture), Ends(fixture)));
        Assert.Equal(default, fixture.Store.Partitions[Partition(fixture)].Progress.Positions);
        fixture.Files.FreeBytes = null;
        fixture.Writer.Advance();
        Assert.Equal(Ends(fixture), fixture.Store.Partitions[Partition(fixture)].Progress.Positions);
        Assert.Empty(fixture.Store.Sealed);
    }

    [Fact]
    public async Task Start_OnAFullDisk_GoesOnWithWhatItCanAndIsReadyWhenThereIsRoom()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        var other = new TestAgent(2);
        Assert.NotEqual(Partition(fixture), other.Id.Partition(fixture.Log.PartitionCount));
        await fixture.AppendAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0), _agent.Frame(T0, seq: 3, shift: 7)]);
        await fixture.AppendAsync(other, [.. other.Objects(T0)]);
        fixture.Files.FreeBytes = 0;
        bool isReady = false;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task running = fixture.Writer.RunAsync(() => isReady = true, stop.Token);
        await GoOnUntilAsync(() => fixture.Store.Frames.Count == 1);
        for (int i = 0; i < 100; i++) await GoOnAsync();
        Assert.False(isReady);
        fixture.Files.FreeBytes = null;
        await GoOnUntilAsync(() => isReady && fixture.Writer.QuarantinedEntries == 1);
        await stop.CancelAsync();
        await running;
    }

    private async Task GoOnUntilAsync(Func<bool> holds)
    {
        while (!holds()) await GoOnAsync();
    }

    private async Task GoOnAsync()
    {
        Cancel.ThrowIfCancellationRequested();
        _time.Advance(TimeSpan.FromSeconds(1));
        await Task.Yield();
    }
}
