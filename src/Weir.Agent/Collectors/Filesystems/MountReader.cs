namespace Weir.Agent.Collectors.Filesystems;

/// <summary>Asks mounted file systems on a thread of its own, so that one that hangs harms itself alone.</summary>
/// <remarks>
/// A call that does not return within the patience is given up with its thread, another thread goes on with the next mount, and the mount is not asked again
/// until the call has returned. <see cref="MaxHanging"/> mounts may hang while the others go on; where one more does, what was not asked yet is stuck too until
/// one returns. Invariant: a probe is written by the thread that asks for it, or where it hangs by nobody, and every hand-over is under the gate.
/// Used by one caller at a time. Guarded by HungMountTests.
/// </remarks>
/// <typeparam name="TMount">What names a mount.</typeparam>
/// <typeparam name="TAnswer">What is asked of it.</typeparam>
internal sealed class MountReader<TMount, TAnswer> : IDisposable
    where TMount : class
    where TAnswer : struct
{
    /// <summary>Most mounts that may hang without harm to the others: each holds a thread, which costs its stack.</summary>
    public const int MaxHanging = 4;

    // A local statvfs takes microseconds, one of a sleeping disk seconds: it then misses a tick, and is asked again. Five of these end before a tick of 15 s closes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly Ask _ask;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private Worker? _worker;
    private int _givenUp;
    private bool _disposed;

    /// <summary>Makes a reader; its thread starts with the first mount.</summary>
    public MountReader(Ask ask, TimeProvider time)
    {
        _ask = ask;
        _time = time;
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Asks a mount: null, or why there is no answer, which then means what the asker gave it. Called on a thread of the reader.</summary>
    public delegate FailureReason? Ask(TMount mount, out TAnswer answer);

    /// <summary>Threads given up that have not returned.</summary>
    public int GivenUp
    {
        get { lock (_gate) return _givenUp; }
    }

    /// <summary>Asks for each mount that does not hang; returns within the patience for each that begins to.</summary>
    public void Read(MountProbe<TMount, TAnswer>[] probes)
    {
        lock (_gate)
        {
            foreach (MountProbe<TMount, TAnswer> probe in probes)
            {
                if (probe.Hangs || !TryHire() || !TryAsk(probe)) probe.Failure = FailureReason.Stuck;
            }
        }
    }

    /// <summary>Ends the thread, and those given up when they return.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
        }

        _timer.Dispose();
    }

    private bool TryHire()
    {
        if (_worker is not null) return true;
        if (_givenUp > MaxHanging) return false;
        _worker = Hire();
        return true;
    }

    private Worker Hire()
    {
        var worker = new Worker();
        new Thread(() => Work(worker)) { IsBackground = true, Name = "weir-mounts" }.Start();
        return worker;
    }

    private bool TryAsk(MountProbe<TMount, TAnswer> probe)
    {
        Worker worker = _worker!;
        worker.Asked = probe;
        Monitor.PulseAll(_gate);
        long started = _time.GetTimestamp();
        _timer.Change(Patience, Timeout.InfiniteTimeSpan);
        while (worker.Asked is not null && _time.GetElapsedTime(started) < Patience) Monitor.Wait(_gate);
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (worker.Asked is null) return true;
        probe.Hangs = true;
        _worker = null;
        _givenUp++;
        return false;
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private void Work(Worker worker)
    {
        while (true)
        {
            MountProbe<TMount, TAnswer>? probe;
            lock (_gate)
            {
                while (worker.Asked is null && !_disposed) Monitor.Wait(_gate);
                if (_disposed) return;
                probe = worker.Asked!;
            }

            TAnswer answer = default;
            FailureReason? failure;
            try
            {
                failure = _ask(probe.Mount, out answer);
            }
            catch (Exception)
            {
                // Nothing is known to throw here; what does must not end the process from a bare thread.
                failure = FailureReason.Error;
            }

            lock (_gate)
            {
                worker.Asked = null;
                Monitor.PulseAll(_gate);
                if (probe.Hangs)
                {
                    // The answer is of another tick: the mount is asked anew at the next one.
                    probe.Hangs = false;
                    _givenUp--;
                    return;
                }

                probe.Answer = answer;
                probe.Failure = failure;
            }
        }
    }

    private sealed class Worker
    {
        /// <summary>What it is asked for; null once it has answered.</summary>
        public MountProbe<TMount, TAnswer>? Asked { get; set; }
    }
}
