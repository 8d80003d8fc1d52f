using System.Collections.Concurrent;

namespace Weir.Gateway;

/// <summary>One gateway: a listener's identity, its streams' lifetime and its bytes in flight.</summary>
/// <remarks>Several share a log within one process, each with its own listener, and each can be drained and stopped alone.</remarks>
public sealed class GatewayInstance : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<AgentStream, byte> _welcomed = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly ConnectRate _rate;
    private long _bytesInFlight;
    private long _backfillInFlight;
    private int _streams;
    private volatile bool _draining;

    /// <summary>Makes a gateway.</summary>
    /// <param name="id">Name in records, metrics and Welcome.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">Clock; the system's where null.</param>
    public GatewayInstance(string id, GatewayOptions options, TimeProvider? time = null)
    {
        Id = id;
        _options = options;
        _time = time ?? TimeProvider.System;
        _rate = new ConnectRate(_time);
        BackfillShare = options.BackfillBytesPerSecond;
    }

    /// <summary>Name in records, metrics and Welcome.</summary>
    public string Id { get; }

    /// <summary>Cancelled when the gateway stops; its streams end with it.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Entry bytes received and not yet answered.</summary>
    public long BytesInFlight => Interlocked.Read(ref _bytesInFlight);

    /// <summary>Streams open now.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Whether streams are being sent away and new ones refused.</summary>
    public bool IsDraining => _draining;

    /// <summary>Bytes per second that each stream with a backlog may bring of it now.</summary>
    public long BackfillShare { get; private set; }

    /// <summary>Sends every agent away, spread over the time that it takes to welcome as many elsewhere, and stops once they have gone or the limit is over.</summary>
    /// <param name="limit">How long to wait for what is still to be answered.</param>
    public async Task DrainAsync(TimeSpan limit)
    {
        _draining = true;
        TimeSpan spread = Spread;
        foreach (AgentStream stream in _welcomed.Keys) stream.Drain(spread * Random.Shared.NextDouble());
        if (Streams == 0) _empty.TrySetResult();
        await _empty.Task.WaitAsync(limit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync();
    }

    /// <summary>Stops this gateway alone: its streams break off and new ones are refused.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>How long the agents of this gateway take to connect again at the rate at which it has seen agents connect.</summary>
    internal TimeSpan Spread => TimeSpan.FromSeconds((double)Math.Max(1, Streams) / _rate.PerSecond);

    /// <summary>Takes room for a batch; a backlog takes at most half of it, so that it never stands in the way of what is fresh.</summary>
    internal bool TryTake(int bytes, bool isBackfill)
    {
        if (isBackfill && Interlocked.Add(ref _backfillInFlight, bytes) > _options.MaxBytesInFlight / 2)
        {
            Interlocked.Add(ref _backfillInFlight, -bytes);
            return false;
        }

        if (Interlocked.Add(ref _bytesInFlight, bytes) <= _options.MaxBytesInFlight) return true;
        GiveBack(bytes, isBackfill);
        return false;
    }

    internal void GiveBack(int bytes, bool isBackfill)
    {
        Interlocked.Add(ref _bytesInFlight, -bytes);
        if (isBackfill) Interlocked.Add(ref _backfillInFlight, -bytes);
    }

    /// <summary>Counts a stream that opens; false where there are too many.</summary>
    internal bool TryOpen()
    {
        if (Interlocked.Increment(ref _streams) <= _options.MaxStreams) return true;
        Close();
        return false;
    }

    /// <summary>A stream has ended.</summary>
    internal void Close()
    {
        if (Interlocked.Decrement(ref _streams) == 0 && _draining) _empty.TrySetResult();
    }

    /// <summary>A stream's agent has been welcomed.</summary>
    internal void Welcome(AgentStream stream)
    {
        _rate.Note();
        _welcomed[stream] = 0;
        // It may have come between the draining of the others and its refusal.
        if (_draining) stream.Drain(Spread * Random.Shared.NextDouble());
    }

    /// <summary>A welcomed stream is about to end.</summary>
    internal void Forget(AgentStream stream) => _welcomed.TryRemove(stream, out _);

    /// <summary>Divides what backlogs may bring per second among the streams that bring one, and tells those for whom it has changed.</summary>
    internal void ShareBackfill()
    {
        AgentStream[] active = [.. _welcomed.Keys.Where(static stream => stream.BringsBacklog)];
        BackfillShare = Math.Max(_options.MinBackfillBytesPerSecond, _options.BackfillBytesPerSecond / Math.Max(1, active.Length));
        foreach (AgentStream stream in active) stream.Grant(BackfillShare);
    }
}
