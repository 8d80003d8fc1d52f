namespace Weir.Agent.Collection;

/// <summary>One collector with its columns and the state that passes them between the engine's thread and a lane's.</summary>
/// <remarks>
/// Invariant: the columns belong to the engine in <see cref="SlotState.Idle"/> and <see cref="SlotState.Done"/>, to the lane's thread in
/// <see cref="SlotState.Running"/> and <see cref="SlotState.Stuck"/>, and change hands only by an interlocked step of the state, which orders the
/// writes before it. A slot is posted only when idle, so that a collector never runs twice at once. Guarded by CollectorSlotTests and LaneTests.
/// A collector that failed five times in a row, hanging included, is paused before each further attempt: a second at first, twice as long each time, a minute at most.
/// It comes back by itself with the first run that does not fail.
/// </remarks>
/// <param name="collector">The collector; disposed with the slot.</param>
/// <param name="time">The clock of its runs.</param>
/// <param name="maxSeries">Most series that it may have.</param>
internal sealed class CollectorSlot(ICollector collector, TimeProvider time, int maxSeries = Columns.MaxSeries) : IDisposable
{
    /// <summary>Failed runs in a row from which on a collector is paused.</summary>
    public const int FailuresBeforePause = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private int _state = (int)SlotState.Idle;
    private long _queuedTimestamp;
    private long _startedTimestamp;
    private long _endedTimestamp;
    private long _runs;
    private long _allocatedBytes;
    private long _lostTicks;
    private string? _refusal;
    private int _isDisposing;
    private int _isDisposed;

    /// <summary>The collector.</summary>
    public ICollector Collector => collector;

    /// <summary>Where the slot stands.</summary>
    public SlotState State => (SlotState)Volatile.Read(ref _state);

    /// <summary>What the last run wrote.</summary>
    public Columns Columns { get; } = new(maxSeries);

    /// <summary>The tick that the last run was for, Unix ms.</summary>
    public long TickMs { get; private set; }

    /// <summary>Why the last run failed as a whole; null where it did not.</summary>
    public FailureReason? Failure { get; private set; }

    /// <summary>The exception of the last run; null where there was none.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Why the last run failed, in words; means nothing where it did not.</summary>
    public string Problem => Error?.Message ?? "it hung beyond its deadline";

    /// <summary>The limit that its group would exceed with the series of its last run, which were not taken; null where they were. Written by the engine.</summary>
    public string? Refusal { get => Volatile.Read(ref _refusal); set => Volatile.Write(ref _refusal, value); }

    /// <summary>Failed runs since the last good one; one that hung beyond its lane's deadline is among them.</summary>
    public long FailedRuns { get; private set; }

    /// <summary>Runs since the start that came to an end.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Ticks that closed without the collector's values since it was late or could not begin.</summary>
    public long LostTicks => Interlocked.Read(ref _lostTicks);

    /// <summary>Managed memory that all runs took, in bytes: what grows here at each tick is garbage or a leak.</summary>
    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Why the collector is not asked now although it is free; null where it may be asked.</summary>
    public FailureReason? Paused =>
        State is SlotState.Idle or SlotState.Done && FailedRuns >= FailuresBeforePause && time.GetElapsedTime(Interlocked.Read(ref _endedTimestamp)) < Pause(FailedRuns - FailuresBeforePause)
            ? Failure : null;

    /// <summary>How long the last run took.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>How long the last run waited for a thread.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>How long the present run has taken; zero where none runs.</summary>
    public TimeSpan RunningFor =>
        State is SlotState.Running or SlotState.Stuck ? time.GetElapsedTime(Interlocked.Read(ref _startedTimestamp)) : TimeSpan.Zero;

    /// <summary>Engine: takes an idle or done slot for a tick; false where an earlier run has not returned.</summary>
    public bool TryQueue(long tickMs)
    {
        if (State is not (SlotState.Idle or SlotState.Done)) return false;
        TickMs = tickMs;
        _queuedTimestamp = time.GetTimestamp();
        Volatile.Write(ref _state, (int)SlotState.Queued);
        return true;
    }

    /// <summary>Engine: counts a lost tick.</summary>
    public void LoseTick() => Interlocked.Increment(ref _lostTicks);

    /// <summary>Engine: takes a queued slot back; false where a thread has begun with it.</summary>
    public bool TryUnqueue() => Step(SlotState.Queued, SlotState.Idle);

    /// <summary>Lane: begins to run; false where the engine took the slot back meanwhile.</summary>
    public bool TryBegin()
    {
        if (State != SlotState.Queued) return false;
        Interlocked.Exchange(ref _startedTimestamp, time.GetTimestamp());
        return Step(SlotState.Queued, SlotState.Running);
    }

    /// <summary>Lane: runs the collector after <see cref="TryBegin"/>. Never throws.</summary>
    /// <param name="report">Called with the outcome, and with the failed runs before it, while the slot still belongs to the lane.</param>
    public void Run(Action<CollectorSlot, long> report)
    {
        long failedBefore = FailedRuns;
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        Waited = time.GetElapsedTime(_queuedTimestamp, Interlocked.Read(ref _startedTimestamp));
        Columns.Clear();
        Failure = null;
        Error = null;
        try
        {
            collector.Collect(Columns);
        }
        catch (Exception error)
        {
            Failure = Classify(error);
            Error = error;
        }

        Duration = time.GetElapsedTime(Interlocked.Read(ref _startedTimestamp));
        Interlocked.Exchange(ref _endedTimestamp, time.GetTimestamp());
        Interlocked.Add(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
        Interlocked.Increment(ref _runs);
        FailedRuns = Failure is null ? 0 : failedBefore + 1;
        report(this, failedBefore);
        if (!Step(SlotState.Running, SlotState.Done))
        {
            // It hung: what it brought is of a tick long closed.
            Failure = FailureReason.Stuck;
            FailedRuns = failedBefore + 1;
            Interlocked.Exchange(ref _state, (int)SlotState.Idle);
        }

        if (Interlocked.CompareExchange(ref _isDisposing, 0, 0) != 0) DisposeOnce();
    }

    // Whoever sees last that the other has been here disposes: each writes its own word before it reads the other's.
    private void DisposeOnce()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        try
        {
            collector.Dispose();
        }
        catch (Exception error)
        {
            // Nobody is left to hear it.
            Error = error;
        }
    }

    /// <summary>Lane: marks a run beyond the deadline; false where it returned just now.</summary>
    public bool TryMarkStuck() => Step(SlotState.Running, SlotState.Stuck);

    /// <summary>Lets go of the collector: now where it is free, else as soon as it returns. Any thread; never throws.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _isDisposing, 1);
        TryUnqueue();
        if (State is SlotState.Idle or SlotState.Done) DisposeOnce();
    }

    private static TimeSpan Pause(long failuresBeyond) => failuresBeyond >= 6 ? LongestPause : FirstPause * (1 << (int)failuresBeyond);

    /// <summary>What an error of a collector says.</summary>
    public static FailureReason Classify(Exception error) => error switch
    {
        SourceException source => source.Reason,
        TimeoutException => FailureReason.Stuck,
        UnauthorizedAccessException => FailureReason.AccessDenied,
        FileNotFoundException or DirectoryNotFoundException => FailureReason.NotHere,
        _ => FailureReason.Error,
    };

    private bool Step(SlotState from, SlotState to) => Interlocked.CompareExchange(ref _state, (int)to, (int)from) == (int)from;
}
