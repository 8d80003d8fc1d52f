using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

/// <summary>A log of which the disk does not give a part at the moment: the writer waits for it and skips nothing.</summary>
public sealed class ReadFailureTests
{
    private const long T0 = 1_700_000_000_000;

    private readonly FakeTimeProvider _time = new();
    private readonly TestAgent _agent = new(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Payload_NotGivenInTheMiddleOfARecord_TheRecordIsGoneOnWithAndNothingIsDoubled()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.WriteAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0)]);
        byte[] start = _agent.EpochStart(T0 + 1000);
        await fixture.AppendAsync(_agent, [_agent.Frame(T0 + 1000), start, _agent.Frame(T0 + 2000)]);
        FailReads(fixture, times: 3, start.Length);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(LogError.ReadFailed, (await Assert.ThrowsAsync<LogException>(() => fixture.Writer.CatchUpAsync(Cancel))).Error);
            fixture.Writer.Heal();
        }

        Assert.Equal([T0, T0 + 1000], fixture.Store.Frames.Select(static frame => frame.Entry.FirstMs));
        await fixture.Writer.CatchUpAsync(Cancel);
        Assert.Equal([T0, T0 + 1000, T0 + 2000], fixture.Store.Frames.Select(static frame => frame.Entry.FirstMs));
        Assert.NotEmpty(fixture.Store.Hosts);
        Assert.Equal(0, fixture.Writer.QuarantinedEntries);
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.Sent);
    }

    [Fact]
    public async Task Restart_NewestSegmentNotGivenForAMoment_IsReadWholeByTheWriterThatGoesOn()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.WriteAsync(_agent, _agent.Objects(T0));
        for (int i = 0; i < 20; i++) await fixture.WriteAsync(_agent, [_agent.Frame(T0 + (i * 1000))]);
        long[] times = [.. fixture.Store.Frames.Select(static frame => frame.Entry.FirstMs)];
        await Assert.ThrowsAsync<LogException>(() => fixture.RestartAsync(() => FailReads(fixture, times: 4)));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var caughtUp = new TaskCompletionSource();
        Task running = fixture.Writer.RunAsync(caughtUp.SetResult, stop.Token);
        while (!caughtUp.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal(times, fixture.Store.Frames.Select(static frame => frame.Entry.FirstMs));
        Assert.Empty(fixture.Directives.Sent);
    }

    [Fact]
    public async Task Damage_ThatTheDiskDoesNotGiveNow_IsNotBelieved()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.WriteAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0)]);
        StoreFrame frame = fixture.Store.Frames[0];
        var key = new AgentKey(frame.Record.Tenant, frame.Record.AgentId);
        var damaged = new DamagedFrame(key, frame.Record.Epoch, frame.Entry.Seq, frame.LogClass, frame.Position, frame.Length, frame.Entry.FirstMs, frame.LastMs);
        fixture.Files.BeforeRead = static (_, _, _) => throw new IOException("Input/output error", 5);
        for (int i = 0; i < 4; i++)
        {
            fixture.Store.Partitions[Partition(fixture)].Damaged.Add(damaged);
            fixture.Writer.Heal();
            Assert.Empty(fixture.Directives.Sent);
            _time.Advance(TimeSpan.FromSeconds(8));
        }

        fixture.Store.Partitions[Partition(fixture)].Damaged.Add(damaged);
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, frame.Entry.Seq, frame.Entry.Seq)], fixture.Directives.TakeResends());
    }

    [Fact]
    public async Task Advance_LogNotGivenForAMoment_TheSnapshotIsMadeWhenItIs()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(time: _time);
        await fixture.WriteAsync(_agent, [.. _agent.Objects(T0), _agent.Frame(T0)]);
        var ends = new LogPositions(fixture.Log.Partition(LogClass.Live, Partition(fixture)).DurableEnd, fixture.Log.Partition(LogClass.Backfill, Partition(fixture)).DurableEnd);
        FailReads(fixture, times: 1);
        Assert.ThrowsAny<IOException>(() => fixture.Seal(Partition(fixture), ends));
        Assert.Equal(default, fixture.Store.Partitions[Partition(fixture)].Progress.Positions);
        fixture.Writer.Advance();
        Assert.Equal(ends, fixture.Store.Partitions[Partition(fixture)].Progress.Positions);
        await fixture.RestartAsync();
        await fixture.WriteAsync(_agent, [_agent.Frame(T0, seq: 3)]);
        Assert.Empty(fixture.Store.Frames);
    }

    private int Partition(WriterFixture fixture) => _agent.Id.Partition(fixture.Log.PartitionCount);

    private static void FailReads(WriterFixture fixture, int times, int? length = null) => fixture.Files.BeforeRead = (path, offset, count) =>
    {
        if (!path.Contains("/live/", StringComparison.Ordinal) || !path.EndsWith(".seg", StringComparison.Ordinal) || offset == 0) return;
        if ((length is null || length == count) && times-- > 0) throw new IOException("Input/output error", 5);
    };
}
