using System.Numerics;
using System.Threading.Channels;

namespace Weir.Agent.Collection;

/// <summary>Stands between the engine and the spool, so that a slow disk never delays a tick.</summary>
/// <remarks>
/// One consumer, in order: a window's declaration follows its last frame, a clock step follows the frames before it. Bounded twice: by the builders
/// of each pool (<see cref="BuilderPool.Limit"/>) and by <see cref="Limit"/> items; the engine declares what it cannot hand over as dropped.
/// A frame that the spool refuses is dropped and declared; a declaration that it refuses is tried again ahead of the next.
/// </remarks>
internal sealed class SpoolQueue
{
    /// <summary>Most items waiting.</summary>
    public const int Limit = 1024;

    // A day of windows: what a spool that refuses everything for longer loses is named in the log.
    private const int MaxUndeclared = 1440;

    private readonly Channel<Item> _channel = Channel.CreateBounded<Item>(new BoundedChannelOptions(Limit) { SingleReader = true, SingleWriter = true });
    private readonly Queue<WindowAccount> _undeclared = new();
    private readonly IEntrySink _sink;
    private readonly DeliverySignals _signals;
    private readonly AgentMetrics _metrics;
    private readonly ILogger _logger;
    private int _owedSteps;
    private long _overflows;
    private long _refusals;
    private long _baselineFailures;
    private int _pendingSteps;

    /// <summary>Makes a queue; <see cref="RunAsync"/> serves it.</summary>
    public SpoolQueue(IEntrySink sink, DeliverySignals signals, AgentMetrics metrics, ILogger logger)
    {
        _sink = sink;
        _signals = signals;
        _metrics = metrics;
        _logger = logger;
        metrics.Observe(this);
    }

    /// <summary>Items waiting.</summary>
    public int Depth => _channel.Reader.Count;

    /// <summary>Hands over a builder with ticks of one window; it goes back to its pool once durable. False where the queue is full.</summary>
    public bool TryPostFrame(BuilderPool pool, FrameBuilder builder, WindowAccount account) => TryPost(new Item(pool, builder, account));

    /// <summary>Hands over a finished window. False where the queue is full.</summary>
    public bool TryPostWindow(WindowAccount account) => TryPost(new Item(null, null, account));

    /// <summary>Lets everything that is posted from now on carry a new clock generation.</summary>
    public void PostClockStep() => _owedSteps++;

    /// <summary>Nothing more will come; <see cref="RunAsync"/> ends after what waits.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>Spools what was posted until <see cref="Complete"/>. Does not fail: refusals are counted, logged and declared.</summary>
    public async Task RunAsync()
    {
        while (await _channel.Reader.WaitToReadAsync().ConfigureAwait(false)) await DrainAsync().ConfigureAwait(false);
        _metrics.Forget(this);
    }

    /// <summary>Spools what waits now. One caller at a time.</summary>
    public async ValueTask DrainAsync()
    {
        while (_channel.Reader.TryRead(out Item item))
        {
            if (item.Builder is { } builder) await SpoolFrameAsync(item.Pool!, builder, item.Account!).ConfigureAwait(false);
            else if (item.Account is { } account) await DeclareAsync(account).ConfigureAwait(false);
            else _pendingSteps++;
        }
    }

    /// <summary>Counts samples for which no frame was free, or that found the queue full: the spool has stood still for too long.</summary>
    public void Overflow(WindowAccount account, int samples)
    {
        account.Overflowed += samples;
        _metrics.Dropped(samples);
        if (BitOperations.IsPow2(++_overflows)) CollectionLog.SamplesOverflowed(_logger, samples, _overflows);
    }

    // What follows a clock step must never overtake it.
    private bool TryPost(in Item item)
    {
        while (_owedSteps > 0 && _channel.Writer.TryWrite(default)) _owedSteps--;
        return _owedSteps == 0 && _channel.Writer.TryWrite(item);
    }

    private async ValueTask SpoolFrameAsync(BuilderPool pool, FrameBuilder builder, WindowAccount account)
    {
        if (await TrySpoolAsync(pool, builder, account).ConfigureAwait(false)) RenewBaseline(pool);
        pool.Return(builder);
    }

    private async ValueTask<bool> TrySpoolAsync(BuilderPool pool, FrameBuilder builder, WindowAccount account)
    {
        int samples = builder.SampleCount, ticks = builder.Ticks;
        ulong digest = builder.Digest;
        try
        {
            if (!pool.SchemaSpooled)
            {
                await _sink.AppendSchemaAsync(pool.Schema, CancellationToken.None).ConfigureAwait(false);
                pool.SchemaSpooled = true;
            }

            while (_pendingSteps > 0)
            {
                uint generation = await _sink.NextClockGenerationAsync(CancellationToken.None).ConfigureAwait(false);
                CollectionLog.ClockGeneration(_logger, generation);
                _pendingSteps--;
            }

            // History is kept where the gateway does not know codec 1, too: it may be replaced by one that does.
            Baseline? baseline = pool.Profiles.Gather(builder, _sink.ClockGeneration);
            builder.Baseline = _signals.TakesProfiled ? baseline : null;
            int bytes = await _sink.AppendFrameAsync(builder, _sink.ClockGeneration, CancellationToken.None).ConfigureAwait(false);
            account.Sent += samples;
            account.Digest += digest;
            if (builder.Baseline is not null) pool.Profiles.Spooled(ticks, samples, bytes);
            return true;
        }
        catch (Exception error)
        {
            account.Refused += samples;
            _metrics.Dropped(samples);
            if (BitOperations.IsPow2(++_refusals)) CollectionLog.FrameRefused(_logger, pool.Group, samples, _refusals, error);
            return false;
        }
    }

    // Apart from the frame, which is spooled and counted: what fails here costs no sample.
    private void RenewBaseline(BuilderPool pool)
    {
        try
        {
            if (_signals.TakesProfiled && pool.Profiles.RenewIfDue()) _metrics.BaselineMade();
        }
        catch (Exception error)
        {
            if (BitOperations.IsPow2(++_baselineFailures)) CollectionLog.BaselineFailed(_logger, pool.Group, _baselineFailures, error);
        }
    }

    private async ValueTask DeclareAsync(WindowAccount account)
    {
        if (_undeclared.Count == MaxUndeclared) CollectionLog.WindowForgotten(_logger, _undeclared.Dequeue().WindowMs);
        _undeclared.Enqueue(account);
        try
        {
            while (_undeclared.TryPeek(out WindowAccount? next))
            {
                await _sink.AppendDeclarationAsync(next.WindowMs, next.ToDeclaration(), CancellationToken.None).ConfigureAwait(false);
                _undeclared.Dequeue();
            }
        }
        catch (Exception error)
        {
            CollectionLog.WindowRefused(_logger, _undeclared.Count, error);
        }
    }

    // A frame has all three, a finished window only its account, a clock step none.
    private readonly record struct Item(BuilderPool? Pool, FrameBuilder? Builder, WindowAccount? Account);
}
