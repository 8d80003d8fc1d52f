using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.Protocol.V1;

namespace Weir.Agent.Uploads;

/// <summary>Carries a large backlog to the gateway as chunks beside the stream, several at a time.</summary>
/// <remarks>
/// Passes over the spool: each offers every entry that is not settled once, and settles what the gateway acks. Nothing is kept of what it did not ack, and of
/// what it refused: that stays unsettled for the stream, or for the next pass. While a pass goes on the stream leaves the backlog alone. It has a connection of
/// its own, so that what is fresh never waits behind it.
/// </remarks>
internal sealed class BacklogUpload(BacklogOptions options, AgentStore store, DeliverySignals signals, BacklogRoute route, Func<CancellationToken, Task<SocketsHttpHandler>> connect, TimeProvider time, ILogger logger)
{
    // Whatever a gateway asks for, and for one from before chunks were known.
    private static readonly TimeSpan LongestHoldOff = TimeSpan.FromHours(1);

    private readonly RateLimit _rate = new(time);
    private readonly Lock _lock = new();
    private long _settled;

    /// <summary>Bytes of spool from the first segment that holds anything unsettled.</summary>
    private long Backlog => store.End - store.FirstUnsettledPosition();

    /// <summary>Looks for a large backlog and uploads it, until cancelled. Does not fail.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait = options.LookInterval;
        using var metrics = new BacklogMetrics();
        while (true)
        {
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested) return;
            wait = options.LookInterval;
            if (route.To is not { } to || Backlog < options.UploadAbove) continue;
            route.IsTaken = true;
            try
            {
                wait = await PassAsync(to.Gateway, metrics, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (IOException e)
            {
                logger.BacklogFailed(e.Message);
                wait = options.HoldOff;
            }
            finally
            {
                route.IsTaken = false;
            }
        }
    }

    // Returns how long the backlog is the stream's behind it.
    private async Task<TimeSpan> PassAsync(Uri gateway, BacklogMetrics metrics, CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = await connect(cancellationToken).ConfigureAwait(false);
        using GrpcChannel channel = GrpcChannel.ForAddress(gateway, new GrpcChannelOptions { HttpHandler = handler, CompressionProviders = [] });
        var client = new Backfill.BackfillClient(channel);
        long sinceMs = time.GetUtcNow().ToUnixTimeMilliseconds() - (long)options.LiveAge.TotalMilliseconds;
        using var planner = new ChunkPlanner(store, store.FirstUnsettledPosition(), store.FirstSince(sinceMs), options.ChunkBytes);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long before = Interlocked.Read(ref _settled);
        logger.BacklogBegun(Backlog, gateway.Authority);
        TimeSpan?[] ends = await Task.WhenAll(Enumerable.Range(0, options.Parallel).Select(_ => SendAsync(client, planner, metrics, failed))).ConfigureAwait(false);
        long settled = Interlocked.Read(ref _settled) - before;
        logger.BacklogEnded(settled, Backlog);
        cancellationToken.ThrowIfCancellationRequested();
        if (ends.Max() is { } asked) return asked;
        return settled == 0 ? options.HoldOff : options.LookInterval;
    }

    // Sends until there is nothing left or something fails; then says how long to stay away.
    private async Task<TimeSpan?> SendAsync(Backfill.BackfillClient client, ChunkPlanner planner, BacklogMetrics metrics, CancellationTokenSource failed)
    {
        var batch = new BatchBuilder(store) { Limit = int.MaxValue };
        try
        {
            while (!failed.IsCancellationRequested && TryFill(planner, batch))
            {
                await TakeRateAsync(batch.Run.Length, failed.Token).ConfigureAwait(false);
                Answers answers = await client.TakeAsync(ToMessage(batch), deadline: null, cancellationToken: failed.Token).ResponseAsync.WaitAsync(options.CallTimeout, time, failed.Token).ConfigureAwait(false);
                metrics.Sent(batch.Run.Length);
                if (Settle(batch, answers, metrics) is not { } retry) continue;
                await failed.CancelAsync().ConfigureAwait(false);
                return retry;
            }

            return null;
        }
        catch (RpcException) when (failed.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (failed.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is RpcException or TimeoutException)
        {
            await failed.CancelAsync().ConfigureAwait(false);
            logger.BacklogFailed(e.Message);
            return HoldOff(e as RpcException);
        }
    }

    private bool TryFill(ChunkPlanner planner, BatchBuilder batch)
    {
        lock (_lock)
        {
            while (planner.Next() is { } entries)
            {
                batch.Clear();
                // One that is gone or damaged is left out, and what needs it is left to the stream by the gateway's NEED.
                foreach (SpooledEntry entry in entries) batch.Add(new OutgoingEntry(entry, EntryClass.Backfill));
                if (batch.Entries.Count > 0) return true;
            }

            return false;
        }
    }

    private Batch ToMessage(BatchBuilder batch)
    {
        var id = new byte[Log.AgentId.Size];
        store.IdOf(batch.Entries[0].StartNumber).Write(id);
        return new Batch
        {
            AgentId = UnsafeByteOperations.UnsafeWrap(id),
            Epoch = batch.Entries[0].Epoch,
            StartNumber = batch.Entries[0].StartNumber,
            Class = EntryClass.Backfill,
            // Not touched until the call has ended.
            Entries = UnsafeByteOperations.UnsafeWrap(batch.Run),
        };
    }

    // Only an ack settles. RETRY for now ends the pass; everything else is the stream's business.
    private TimeSpan? Settle(BatchBuilder batch, Answers answers, BacklogMetrics metrics)
    {
        var sent = new SentBatch(0, EntryClass.Backfill, batch.Entries, 0);
        TimeSpan? retry = null;
        foreach (Answer answer in answers.Answers_)
        {
            if (answer.KindCase == Answer.KindOneofCase.Ack)
            {
                List<SpooledEntry> acked = sent.Take(answer.Ack.Epoch, answer.Ack.Seqs);
                foreach (SpooledEntry entry in acked) store.Settle(entry.Epoch, entry.Seq, entry.Seq);
                Interlocked.Add(ref _settled, acked.Count);
                metrics.Acked(acked.Count);
                if (acked.Count > 0) signals.Acked(more: store.UnsettledEntries > 0);
            }
            else if (answer.KindCase == Answer.KindOneofCase.Retry && answer.Retry.Scope != RetryScope.Version)
            {
                retry = Spread(TimeSpan.FromMilliseconds(answer.Retry.AfterMs));
            }
        }

        metrics.Left(sent.Open);
        return retry;
    }

    private async Task TakeRateAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait;
            lock (_lock)
            {
                // Where the stream is away for a moment its last word holds.
                if (route.To is { } to) _rate.Set(to.BytesPerSecond);
                wait = _rate.UntilOpen;
                if (wait <= TimeSpan.Zero) _rate.Take(bytes);
            }

            if (wait <= TimeSpan.Zero) return;
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan HoldOff(RpcException? refused)
    {
        if (refused?.StatusCode == StatusCode.Unimplemented) return LongestHoldOff;
        return uint.TryParse(refused?.Trailers.GetValue(Uplink.RetryAfterKey), NumberStyles.None, CultureInfo.InvariantCulture, out uint ms) ? Spread(TimeSpan.FromMilliseconds(ms)) : Spread(options.HoldOff);
    }

    private static TimeSpan Spread(TimeSpan least) => (least < LongestHoldOff ? least : LongestHoldOff) * (1 + Random.Shared.NextDouble());
}
