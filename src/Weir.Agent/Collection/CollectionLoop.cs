namespace Weir.Agent.Collection;

/// <summary>The thread that steps an engine: woken by time and by collectors that report.</summary>
/// <remarks>A thread of its own, above normal priority: a tick must begin on time while the host's processors are busy, which is when it matters.</remarks>
internal sealed class CollectionLoop
{
    // Nothing to dispose: a collector that hangs may return, and wake, long after the loop has ended.
    private readonly object _gate = new();
    private bool _isWoken;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CollectionEngine? _engine;
    private volatile bool _stopping;

    /// <summary>Makes a loop; <see cref="RunAsync"/> starts its thread.</summary>
    public CollectionLoop(ILogger logger) => _logger = logger;

    /// <summary>Lets the loop look now. Any thread; returns at once.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _isWoken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Steps the engine until cancelled, then finishes it.</summary>
    /// <returns>A task that ends with the thread; it fails only on a bug in the engine.</returns>
    public async Task RunAsync(CollectionEngine engine, CancellationToken cancellationToken)
    {
        _engine = engine;
        new Thread(Run) { IsBackground = true, Name = "weir-ticks", Priority = ThreadPriority.AboveNormal }.Start();
        using CancellationTokenRegistration stop = cancellationToken.Register(Stop);
        await _ended.Task.ConfigureAwait(false);
    }

    private void Stop()
    {
        _stopping = true;
        Wake();
    }

    // Until the time has come or somebody wakes; at once where somebody has since the last step.
    private void Rest(TimeSpan wait)
    {
        lock (_gate)
        {
            if (!_isWoken && wait > TimeSpan.Zero) Monitor.Wait(_gate, TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)));
            _isWoken = false;
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                TimeSpan wait = _engine!.Step();
                Rest(wait);
            }

            _engine!.Finish();
            _ended.SetResult();
        }
        catch (Exception error)
        {
            CollectionLog.EngineFailed(_logger, error);
            _ended.SetException(error);
        }
    }
}
