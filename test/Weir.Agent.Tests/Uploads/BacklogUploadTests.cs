using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Tests.Uplinks;
using Weir.Agent.Uplinks;
using Weir.Agent.Uploads;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uploads;

/// <summary>The upload of a backlog against a gateway in process.</summary>
public sealed class BacklogUploadTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly BacklogRoute _route = new();
    private readonly CancellationTokenSource _stop = new();
    private StoreHarness? _harness;
    private Task _running = Task.CompletedTask;

    private AgentStore Store => _harness!.Store;

    public async ValueTask InitializeAsync()
    {
        _harness = await StoreHarness.StartAsync(segmentBytes: 4_000);
        await _harness.AppendFramesAsync(200);
        // All of it old: what is fresh is the stream's.
        _harness.Time.Advance(TimeSpan.FromHours(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        await _harness!.DisposeAsync();
    }

    [Fact]
    public async Task A_large_backlog_is_settled_several_chunks_at_a_time()
    {
        int now = 0, most = 0, chunks = 0;
        var all = new TaskCompletionSource();
        await using ScriptedBackfill gateway = await ScriptedBackfill.StartAsync(async batch =>
        {
            Assert.Equal(EntryClass.Backfill, batch.Class);
            lock (all)
            {
                most = Math.Max(most, ++now);
                if (now == 4) all.TrySetResult();
            }

            Interlocked.Increment(ref chunks);
            // None is answered before four are on their way.
            await all.Task.WaitAsync(Patience);
            lock (all) now--;
            return Ack(batch);
        });
        Start(gateway);
        await WaitAsync(() => Store.UnsettledEntries == 0 && !_route.IsTaken);
        Assert.Equal(4, most);
        Assert.True(chunks > 4, $"{chunks} chunks");
    }

    [Fact]
    public async Task What_is_not_acked_stays_for_the_stream()
    {
        int chunks = 0, others = 0, passes = 0;
        ulong first = 0;
        // Four are on their way at a time and arrive in any order: the oldest is told apart by what it holds.
        await using ScriptedBackfill gateway = await ScriptedBackfill.StartAsync(batch =>
        {
            Interlocked.Increment(ref chunks);
            if (GatewayConnection.SeqsOf(batch).First() == Interlocked.Read(ref first))
            {
                // The next pass begins with what was not acked, and is told to come much later.
                return Task.FromResult(Interlocked.Increment(ref passes) > 1 ? Later(batch) : new Answers { Answers_ = { GatewayConnection.Need(batch, GatewayConnection.SeqsOf(batch).Last(), 77) } });
            }

            return Task.FromResult(Interlocked.Increment(ref others) switch
            {
                1 => new Answers { Answers_ = { GatewayConnection.Reject(batch, RejectReason.Crc) } },
                2 => new Answers { Answers_ = { new Answer { Retry = new Retry { Epoch = batch.Epoch, Seqs = { new SeqRange { First = 1, Last = ulong.MaxValue } }, Scope = RetryScope.Version } } } },
                // It acks what it was never sent, too.
                3 => new Answers { Answers_ = { new Answer { Ack = new Ack { Epoch = batch.Epoch + 1, Seqs = { new SeqRange { First = 1, Last = ulong.MaxValue } } } } } },
                _ => Ack(batch),
            });
        });
        long all = Store.UnsettledEntries;
        Interlocked.Exchange(ref first, Store.OpenEpochs[0].OldestUnsettled);
        Start(gateway);
        await WaitAsync(() => Volatile.Read(ref passes) > 1 && !_route.IsTaken);
        Assert.InRange(Store.UnsettledEntries, 1, all - 1);
        Assert.True(chunks > 4, $"{chunks} chunks");
    }

    [Fact]
    public async Task A_gateway_that_says_later_is_left_alone()
    {
        int chunks = 0;
        await using ScriptedBackfill gateway = await ScriptedBackfill.StartAsync(batch =>
        {
            Interlocked.Increment(ref chunks);
            return Task.FromResult(Later(batch));
        });
        long all = Store.UnsettledEntries;
        Start(gateway);
        await WaitAsync(() => Volatile.Read(ref chunks) > 0 && !_route.IsTaken);
        Assert.InRange(Volatile.Read(ref chunks), 1, 4);
        Assert.Equal(all, Store.UnsettledEntries);
    }

    [Fact]
    public async Task A_gateway_that_knows_no_chunks_leaves_the_backlog_to_the_stream()
    {
        int chunks = 0;
        await using ScriptedBackfill gateway = await ScriptedBackfill.StartAsync(_ =>
        {
            Interlocked.Increment(ref chunks);
            throw new RpcException(new Status(StatusCode.Unimplemented, ""));
        });
        Start(gateway);
        await WaitAsync(() => Volatile.Read(ref chunks) > 0 && !_route.IsTaken);
        Assert.InRange(Volatile.Read(ref chunks), 1, 4);
    }

    [Fact]
    public async Task A_gateway_that_breaks_off_is_tried_again_and_nothing_is_lost()
    {
        int chunks = 0;
        await using ScriptedBackfill gateway = await ScriptedBackfill.StartAsync(batch =>
            Interlocked.Increment(ref chunks) % 5 == 0 ? throw new RpcException(new Status(StatusCode.Unavailable, "")) : Task.FromResult(Ack(batch)));
        Start(gateway);
        await WaitAsync(() => Store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task A_small_backlog_is_the_streams()
    {
        await using ScriptedBackfill gateway = await ScriptedBackfill.StartAsync(static batch => Task.FromResult(Ack(batch)));
        long backlog = Store.End - Store.FirstUnsettledPosition();
        Start(gateway, above: backlog + 1);
        Assert.False(_route.IsTaken);
        await _harness!.AppendFramesAsync(20);
        await WaitAsync(() => Store.UnsettledEntries < 50);
    }

    private static Answers Later(Batch batch) =>
        new() { Answers_ = { new Answer { Retry = new Retry { Epoch = batch.Epoch, Seqs = { new SeqRange { First = 1, Last = ulong.MaxValue } }, AfterMs = 3_600_000, Scope = RetryScope.Log } } } };

    private static Answers Ack(Batch batch) => new() { Answers_ = { GatewayConnection.Ack(batch, [.. GatewayConnection.SeqsOf(batch)]) } };

    private void Start(ScriptedBackfill gateway, long above = 1, TimeSpan? holdOff = null)
    {
        var options = new BacklogOptions { UploadAbove = above, ChunkBytes = 1_500, LookInterval = TimeSpan.FromMilliseconds(10), HoldOff = holdOff ?? TimeSpan.FromMilliseconds(10) };
        _route.Open(gateway.Address, 0);
        // The age of entries is judged by the clock of the spool, waiting is real.
        _running = new BacklogUpload(options, Store, new DeliverySignals(_harness!.Time), _route, static _ => Task.FromResult(new SocketsHttpHandler()), TimeProvider.System, NullLogger.Instance).RunAsync(_stop.Token);
    }

    private static async Task WaitAsync(Func<bool> isTrue)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "it does not come about");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
