using System.Diagnostics;

namespace Weir.Agent.Collection;

/// <summary>A set of threads of its own with a bounded queue: what hangs in one lane, or in one thread, is nobody else's delay.</summary>
/// <remarks>
/// Threads, not the pool: a hung native call must not take a pool thread from gRPC or, in <c>weir up</c>, from the server. A run beyond the deadline
/// is marked stuck and its thread abandoned: it goes on waiting for the call, but a new thread takes its place. At most
/// <see cref="LaneOptions.MaxThreads"/> threads are abandoned at a time; beyond that stuck runs keep their places and the lane shrinks.
/// When an abandoned call returns after all, its thread ends and its collector is used again.
/// First come, first served, and a collector stands in the queue once at most: none waits more than one round longer than another. One whose tick closed while it waited keeps its
/// place for the next. A full queue refuses, and counts it.
/// </remarks>
internal sealed class Lane : ILane
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly Queue<CollectorSlot> _queue;
    private readonly HashSet<CollectorSlot> _queued = [];
    private readonly List<Worker> _workers = [];
    private readonly LaneOptions _options;
    private readonly Action _completed;
    private readonly ILogger _logger;
    private readonly AgentMetrics _metrics;
    private readonly Action<CollectorSlot, long> _report;
    private int _idle;
    private int _abandoned;
    private int _started;
    private long _refused;
    private bool _stopping;

    /// <summary>Makes a lane; its threads start with the work.</summary>
    /// <param name="options">The lane's bounds.</param>
    /// <param name="completed">Called on the lane's thread after each run; must return at once.</param>
    /// <param name="metrics">Where durations and depth are shown.</param>
    /// <param name="logger">Where stuck and recovered collectors are named.</param>
    public Lane(LaneOptions options, Action completed, AgentMetrics metrics, ILogger logger)
    {
        _options = options;
        _completed = completed;
        _metrics = metrics;
        _logger = logger;
        _queue = new Queue<CollectorSlot>(options.QueueLimit);
        _report = Report;
        metrics.Observe(this);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <summary>Collectors waiting.</summary>
    public int QueueDepth
    {
        get { lock (_gate) return _queue.Count; }
    }

    /// <summary>Most collectors that may wait.</summary>
    public int QueueLimit => _options.QueueLimit;

    /// <summary>Runs that were not taken since the queue was full.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Threads that take work.</summary>
    public int Threads
    {
        get { lock (_gate) return _workers.Count - _abandoned; }
    }

    /// <summary>Threads given up to stuck collectors.</summary>
    public int AbandonedThreads
    {
        get { lock (_gate) return _abandoned; }
    }

    /// <inheritdoc/>
    public bool TryPost(CollectorSlot slot)
    {
        lock (_gate)
        {
            if (_stopping) return false;
            if (_queue.Count >= _options.QueueLimit && !_queued.Contains(slot))
            {
                Interlocked.Increment(ref _refused);
                return false;
            }

            if (_queued.Add(slot)) _queue.Enqueue(slot);
            if (_idle >= _queue.Count || !TryStartThread()) Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Sweep()
    {
        lock (_gate)
        {
            for (int i = _workers.Count - 1; i >= 0; i--)
            {
                Worker worker = _workers[i];
                if (worker.Current is not { } slot || worker.Abandoned || slot.RunningFor < _options.Deadline) continue;
                if (slot.TryMarkStuck()) CollectionLog.CollectorStuck(_logger, slot.Collector.Name, _options.Name, _options.Deadline.TotalSeconds);
                if (slot.State != SlotState.Stuck || _abandoned >= _options.MaxThreads) continue;
                worker.Abandoned = true;
                _abandoned++;
                if (_queue.Count > _idle) TryStartThread();
            }
        }
    }

    /// <summary>Stops taking work and waits, for a bounded time, for threads that are not stuck.</summary>
    public void Dispose()
    {
        Thread[] threads;
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            _queue.Clear();
            _queued.Clear();
            Monitor.PulseAll(_gate);
            threads = [.. _workers.Where(static worker => !worker.Abandoned).Select(static worker => worker.Thread!)];
        }

        _metrics.Forget(this);
        var patience = Stopwatch.StartNew();
        foreach (Thread thread in threads)
        {
            TimeSpan left = StopPatience - patience.Elapsed;
            thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private bool TryStartThread()
    {
        if (_workers.Count - _abandoned >= _options.MaxThreads) return false;
        var worker = new Worker();
        worker.Thread = new Thread(() => Work(worker)) { IsBackground = true, Name = $"weir-{_options.Name}-{++_started}", Priority = _options.Priority };
        try
        {
            worker.Thread.Start();
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            // The system gives no more threads: those there are go on, and the next work tries again.
            CollectionLog.NoThread(_logger, _options.Name, error.Message);
            return false;
        }

        _workers.Add(worker);
        return true;
    }

    private void Work(Worker worker)
    {
        while (TryTake(worker) is { } slot)
        {
            if (!slot.TryBegin()) continue;
            slot.Run(_report);
            if (Finish(worker)) CollectionLog.CollectorRecovered(_logger, slot.Collector.Name, _options.Name);
            _completed();
            if (worker.Abandoned) return;
        }
    }

    // Only changes are told: a source that is not there would fill the log at every tick.
    private void Report(CollectorSlot slot, long failedBefore)
    {
        _metrics.CollectorRan(slot.Collector.Name, slot.Duration);
        if (slot.Failure is { } reason && failedBefore == 0) Say(slot, reason);
        else if (slot.Failure is null && failedBefore > 0) CollectionLog.CollectorWorks(_logger, slot.Collector.Name, failedBefore);
    }

    // What is foreseen says all in its message; of anything else it matters where it comes from.
    private void Say(CollectorSlot slot, FailureReason reason) => CollectionLog.CollectorFails(
        _logger, slot.Collector.Name, reason, slot.Problem, slot.Error is SourceException or IOException or UnauthorizedAccessException ? null : slot.Error);

    private CollectorSlot? TryTake(Worker worker)
    {
        lock (_gate)
        {
            worker.Current = null;
            while (_queue.Count == 0 && !_stopping)
            {
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }

            if (_stopping)
            {
                _workers.Remove(worker);
                return null;
            }

            worker.Current = _queue.Dequeue();
            _queued.Remove(worker.Current);
            return worker.Current;
        }
    }

    // An abandoned thread has a successor: it leaves instead of making the lane one thread larger.
    private bool Finish(Worker worker)
    {
        lock (_gate)
        {
            worker.Current = null;
            if (!worker.Abandoned) return false;
            _abandoned--;
            _workers.Remove(worker);
            return true;
        }
    }

    private sealed class Worker
    {
        public Thread? Thread { get; set; }

        public CollectorSlot? Current { get; set; }

        public volatile bool Abandoned;
    }
}
