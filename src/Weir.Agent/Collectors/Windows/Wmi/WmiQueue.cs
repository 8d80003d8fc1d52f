using System.Runtime.ExceptionServices;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>Where collectors ask WMI: one query at a time, on a thread of its own, none longer than its limit.</summary>
/// <remarks>
/// A query that hangs is given up and its caller told so; its thread is abandoned and another takes its place, <see cref="WmiQueueOptions.MaxAbandoned"/> times.
/// Where one more hangs, WMI counts as stuck: who waits and who comes is refused at once, until a hung query returns after all. Its answer is dropped, its thread ends
/// if it was replaced, and asking goes on. Callable from any thread; a call blocks for at most <see cref="WmiQueueOptions.Wait"/> and
/// <see cref="WmiQueueOptions.Hang"/> together. Guarded by WmiQueueTests.
/// </remarks>
internal sealed class WmiQueue : IDisposable
{
    private readonly object _gate = new();
    private readonly LinkedList<WmiRequest> _waiting = new();
    private readonly Func<IWmiConnection> _connect;
    private readonly TimeProvider _time;
    private readonly WmiQueueOptions _options;
    private WmiThread? _thread;
    private WmiRequest? _running;
    private int _abandoned;
    private bool _isClosed;

    /// <summary>Makes a queue; its thread starts with the first query.</summary>
    /// <param name="connect">Opens WMI on the thread that calls it.</param>
    /// <param name="time">The clock of the limits.</param>
    /// <param name="options">The limits.</param>
    public WmiQueue(Func<IWmiConnection> connect, TimeProvider time, WmiQueueOptions? options = null)
    {
        _connect = connect;
        _time = time;
        _options = options ?? new WmiQueueOptions();
    }

    /// <summary>The one of this process: what is bounded, the threads that WMI may take from it, is the process's.</summary>
    public static WmiQueue Shared { get; } = new(WmiConnection.Open, TimeProvider.System);

    /// <summary>Threads that hang and were replaced.</summary>
    public int AbandonedThreads
    {
        get { lock (_gate) return _abandoned; }
    }

    /// <summary>Whether as many queries hang as may, so that nothing is asked.</summary>
    public bool IsStuck
    {
        get { lock (_gate) return IsStuckNow; }
    }

    /// <summary>Queries that wait for their turn.</summary>
    public int Waiting
    {
        get { lock (_gate) return _waiting.Count; }
    }

    private bool IsStuckNow => _thread is { IsHung: true };

    /// <summary>Asks, and waits for the answer.</summary>
    /// <returns>The rows, each with the values of the query's properties in their order.</returns>
    /// <exception cref="SourceException">WMI refuses, fails or is stuck, or too many queries wait.</exception>
    /// <exception cref="TimeoutException">The answer or the query's turn did not come in time.</exception>
    public IReadOnlyList<WmiValue[]> Run(WmiQuery query)
    {
        var request = new WmiRequest(query);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (IsStuckNow) throw Stuck();
            if (_waiting.Count >= _options.MaxWaiting) throw new SourceException(FailureReason.Error, $"{_options.MaxWaiting} queries wait for WMI already");
            _waiting.AddLast(request);
            request.Timer = _time.CreateTimer(GiveUpWaiting, request, _options.Wait, Timeout.InfiniteTimeSpan);
            StartThread();
            Monitor.PulseAll(_gate);
            while (!request.IsOver) Monitor.Wait(_gate);
            request.Timer.Dispose();
        }

        if (request.Error is { } error) ExceptionDispatchInfo.Throw(error);
        return request.Rows!;
    }

    /// <summary>WMI's thread: the next query; null where the thread is to end.</summary>
    public WmiRequest? Take(WmiThread thread)
    {
        lock (_gate)
        {
            while (true)
            {
                if (thread.IsAbandoned || _isClosed) return null;
                if (_waiting.First is { Value: var request })
                {
                    _waiting.RemoveFirst();
                    request.Thread = thread;
                    _running = request;
                    request.Timer!.Dispose();
                    request.Timer = _time.CreateTimer(GiveUpThread, request, _options.Hang, Timeout.InfiniteTimeSpan);
                    return request;
                }

                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>WMI's thread: what came of a query.</summary>
    public void Return(WmiThread thread, WmiRequest request, IReadOnlyList<WmiValue[]>? rows, Exception? error)
    {
        lock (_gate)
        {
            request.End(rows, error);
            thread.IsHung = false;
            if (!thread.IsAbandoned) _running = null;
            else
            {
                _abandoned--;
                // Its place among the abandoned is that of the one that hangs now.
                if (IsStuckNow) Abandon(_thread!);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Refuses what waits and lets the threads end as soon as they return.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (WmiRequest request in _waiting) request.End(null, new ObjectDisposedException(nameof(WmiQueue)));
            _waiting.Clear();
            _running?.End(null, new ObjectDisposedException(nameof(WmiQueue)));
            Monitor.PulseAll(_gate);
        }
    }

    private void GiveUpWaiting(object? state)
    {
        var request = (WmiRequest)state!;
        lock (_gate)
        {
            if (request.IsOver || request.Thread is not null) return;
            _waiting.Remove(request);
            request.End(null, new TimeoutException($"WMI did not come to '{request.Query.Text}' within {Duration.Format(_options.Wait)}{(_running is { } running ? $": it is busy with '{running.Query.Text}'" : "")}"));
            Monitor.PulseAll(_gate);
        }
    }

    private void GiveUpThread(object? state)
    {
        var request = (WmiRequest)state!;
        lock (_gate)
        {
            if (request.IsOver) return;
            request.End(null, new TimeoutException($"WMI hangs with '{request.Query.Text}' for {Duration.Format(_options.Hang)}: its thread is given up"));
            Hangs(request.Thread!);
            Monitor.PulseAll(_gate);
        }
    }

    private void Hangs(WmiThread thread)
    {
        thread.IsHung = true;
        if (_abandoned < _options.MaxAbandoned)
        {
            Abandon(thread);
            return;
        }

        foreach (WmiRequest request in _waiting) request.End(null, Stuck());
        _waiting.Clear();
    }

    private void Abandon(WmiThread thread)
    {
        thread.IsAbandoned = true;
        _abandoned++;
        _thread = null;
        _running = null;
        if (_waiting.Count > 0) StartThread();
    }

    private void StartThread()
    {
        if (_thread is not null) return;
        _thread = new WmiThread(this, _connect, _time, _options.Deadline);
        _thread.Start();
    }

    private SourceException Stuck() =>
        new(FailureReason.Stuck, $"WMI is stuck: {_abandoned + 1} queries hang, the last is '{_running?.Query.Text}'; nothing is asked until one of them returns");
}
