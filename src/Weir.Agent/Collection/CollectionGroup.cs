using Weir.Agent.Configuration;
using Weir.Agent.Local;

namespace Weir.Agent.Collection;

/// <summary>The collectors of a lane that share an interval, and with it a schema and a frame builder.</summary>
/// <remarks>
/// Used by the engine's thread only. The series order is that of the collectors, then the group's own <c>weir.agent.tick.skew</c>. A collector whose
/// columns changed shape, or that reports its first, gives the group a new schema; one that is late keeps the shape it had.
/// </remarks>
internal sealed class CollectionGroup
{
    // A frame of this many random doubles still fits into an entry (FrameLimits.MaxEntryBytes) without compression.
    private const int MaxFrameSamples = 100_000;
    private const double SkewUnit = 10_000;

    // A collector that is new may take seconds for its first run.
    private const int LeastVainTicks = 5, VainMs = 10_000;

    private readonly Member[] _members;
    private readonly ILogger _logger;
    private readonly SchemaPart _skew;
    private readonly SchemaSize _skewSize;
    private readonly FrameCadence _cadence;
    private readonly GroupProfiles _profiles;
    private double[] _values = [];
    private byte[] _present = [];
    private BuilderPool _pool;
    private FrameBuilder? _builder;
    private WindowAccount? _gatheredFor;
    private double _skewSeconds;
    private int _notDue;
    private int _vainTicks;
    private bool _isGathered;

    /// <summary>Makes a group.</summary>
    /// <param name="lane">Where its collectors run.</param>
    /// <param name="alone">The collector that it is for alone; null: those that share the lane and the interval.</param>
    /// <param name="intervalMs">Distance of its ticks.</param>
    /// <param name="cadence">Decides when its frames close.</param>
    /// <param name="slots">Its collectors, in series order.</param>
    /// <param name="logger">Where a collector that it has no room for is named.</param>
    public CollectionGroup(ILane lane, string? alone, long intervalMs, FrameCadence cadence, IEnumerable<CollectorSlot> slots, ILogger logger)
    {
        Lane = lane;
        IntervalMs = intervalMs;
        Name = $"{alone ?? lane.Name}/{Duration.Format(TimeSpan.FromMilliseconds(intervalMs))}";
        _cadence = cadence;
        _logger = logger;
        _profiles = new GroupProfiles(intervalMs);
        _members = [.. slots.Select(static slot => new Member(slot))];
        _skew = new SchemaPart(AgentTemplates.Tick, [[Name]]);
        _pool = NewPool();
        _skewSize = SchemaSize.Of(_pool.Schema);
    }

    /// <summary>Lane, or collector, and interval: <c>high/1s</c>; the attribute of the group's skew.</summary>
    public string Name { get; }

    /// <summary>Where the collectors run.</summary>
    public ILane Lane { get; }

    /// <summary>Distance of the ticks in ms.</summary>
    public long IntervalMs { get; }

    /// <summary>The next tick that has not begun, Unix ms.</summary>
    public long NextTickMs { get; set; }

    /// <summary>Whether a tick has begun and not closed.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The tick that has begun last, Unix ms.</summary>
    public long TickMs { get; private set; }

    /// <summary>When the open tick closes at the latest, Unix ms.</summary>
    public long CloseMs => TickMs + (IntervalMs / 2);

    /// <summary>Everything before this time has been accounted for, Unix ms.</summary>
    public long SettledMs => IsOpen ? TickMs : NextTickMs;

    /// <summary>Series of the present schema.</summary>
    public int SeriesCount => _pool.Schema.SeriesCount;

    /// <summary>The first tick of the gathered ones, Unix ms; null where none is gathered.</summary>
    public long? GatheredMs => _builder is { Ticks: > 0 } builder ? builder.FirstMs : null;

    /// <summary>Whether every collector of the open tick has reported.</summary>
    public bool IsIn => Array.TrueForAll(_members, static member => !member.IsAwaited);

    /// <summary>Collectors that hang beyond their lane's deadline.</summary>
    public int Stuck => _members.Count(static member => !member.IsLent && member.Slot.State == SlotState.Stuck);

    /// <summary>The collector that an order is for; null for regular groups.</summary>
    public string? Collector { get; set; }

    /// <summary>Whether ten seconds of ticks, and five at least, closed in a row without values of any collector: what it reads takes longer than half an interval, or fails.</summary>
    public bool IsInVain => _vainTicks >= Math.Max(LeastVainTicks, VainMs / IntervalMs);

    /// <summary>When the group ends, in the clock's timestamps; null: with the agent.</summary>
    public long? EndsAt { get; set; }

    /// <summary>Whether another group has a collector of this one.</summary>
    public bool Shares(CollectionGroup other) => Array.Exists(_members, other.Has);

    /// <summary>Leaves a collector to the group of an order, between two ticks of this group, or takes it back, from the next tick on. What it brought last is shown by the one that has it.</summary>
    public void Lend(CollectionGroup order, bool isLent)
    {
        int at = 0;
        foreach (Member member in _members)
        {
            if (order.Has(member))
            {
                member.IsLent = isLent;
                if (isLent) _present.AsSpan(at, member.Count).Clear();
                else if (ReferenceEquals(member.Parts, order._members[0].Parts)) order.CopyTo(_values.AsSpan(at, member.Count), _present.AsSpan(at, member.Count));
            }

            at += member.Count;
        }
    }

    /// <summary>What the last tick that closed brought; null where none has.</summary>
    public GroupSnapshot? Snapshot() => _isGathered ? new GroupSnapshot(Name, _pool.Schema, TickMs, [.. _values], [.. _present]) : null;

    /// <summary>Begins a tick: posts each collector that is free.</summary>
    /// <param name="tickMs">The tick's nominal time, Unix ms.</param>
    /// <param name="skewSeconds">How much later than that it is.</param>
    public void Begin(long tickMs, double skewSeconds)
    {
        IsOpen = true;
        _skewSeconds = skewSeconds;
        TickMs = tickMs;
        NextTickMs = tickMs + IntervalMs;
        foreach (Member member in _members)
        {
            member.IsAway = member.IsLent;
            member.Pause = member.Slot.Paused;
            member.Posted = !member.IsAway && member.Pause is null && member.Slot.TryQueue(tickMs);
            if (member.Posted && !Lane.TryPost(member.Slot) && member.Slot.TryUnqueue()) member.Posted = false;
        }
    }

    /// <summary>Closes the open tick: takes what is in, counts what is not.</summary>
    /// <param name="account">The window of the tick.</param>
    /// <param name="queue">Where finished frames go.</param>
    /// <param name="seriesChanged">Whether the tick brought a new schema.</param>
    /// <returns>Whether every collector reported.</returns>
    public bool Close(WindowAccount account, SpoolQueue queue, out bool seriesChanged)
    {
        IsOpen = false;
        seriesChanged = false;
        SchemaSize size = _skewSize;
        foreach (Member member in _members) size += member.Size;
        foreach (Member member in _members)
        {
            size -= member.Size;
            string? before = member.Slot.Refusal;
            seriesChanged |= member.Settle(TickMs, size);
            if (before is null && member.Slot.Refusal is { } excess) CollectionLog.CollectorRefused(_logger, member.Slot.Collector.Name, Name, excess);
            size += member.Size;
        }

        if (seriesChanged)
        {
            Cut(queue);
            _pool = NewPool();
        }

        _vainTicks = Array.Exists(_members, static member => member.Outcome == Outcome.In) ? 0 : _vainTicks + 1;
        bool whole = Gather(account);
        _isGathered = true;
        account.Scheduled += SeriesCount - _notDue;
        Store(account, queue);
        return whole;
    }

    /// <summary>Counts a tick that could not run.</summary>
    public void Miss(WindowAccount account)
    {
        int due = SeriesCount - _members.Where(static member => member.IsLent).Sum(static member => member.Count);
        account.Scheduled += due;
        account.Missed += due;
        foreach (Member member in _members)
            if (!member.IsLent) member.Slot.LoseTick();
        NextTickMs += IntervalMs;
    }

    /// <summary>Hands the gathered ticks over as a frame, however many they are.</summary>
    public void Cut(SpoolQueue queue)
    {
        if (_builder is not { Ticks: > 0 } builder || _gatheredFor is not { } account) return;
        _builder = null;
        _gatheredFor = null;
        if (queue.TryPostFrame(_pool, builder, account)) return;
        queue.Overflow(account, builder.SampleCount);
        _pool.Return(builder);
    }

    /// <summary>Lets go of the collectors of a group that has ended, behind the engine's thread: a source may take its time. One that hangs goes when it returns.</summary>
    public void DisposeCollectors() => ThreadPool.QueueUserWorkItem(static members => { foreach (Member member in members) member.Slot.Dispose(); }, _members, preferLocal: false);

    private bool Gather(WindowAccount account)
    {
        bool whole = true;
        int at = 0;
        TimeSpan waited = TimeSpan.Zero;
        _notDue = 0;
        foreach (Member member in _members)
        {
            Span<byte> present = _present.AsSpan(at, member.Count);
            if (member.Outcome == Outcome.In)
            {
                Take(member.Slot.Columns, _values.AsSpan(at, member.Count), present, account);
                if (member.Slot.Waited > waited) waited = member.Slot.Waited;
            }
            else
            {
                present.Clear();
                if (member.IsAway) _notDue += member.Count;
                else member.CountAbsence(account);
                whole &= member.IsAway;
            }

            at += member.Count;
        }

        // Tenths of a millisecond: finer is noise that does not compress.
        _values[at] = Math.Round((_skewSeconds + waited.TotalSeconds) * SkewUnit) / SkewUnit;
        _present[at] = 1;
        account.Collected++;
        return whole;
    }

    private void Take(Columns columns, Span<double> values, Span<byte> present, WindowAccount account)
    {
        columns.Values.CopyTo(values);
        ReadOnlySpan<byte> states = columns.States;
        for (int s = 0; s < states.Length; s++)
        {
            present[s] = states[s] == Columns.Present ? (byte)1 : (byte)0;
            account.Collected += present[s];
            if (Columns.ReasonOf(states[s]) is { } reason) account.AddFailed(reason, 1);
            if (states[s] == Columns.NotDue) _notDue++;
        }
    }

    private void Store(WindowAccount account, SpoolQueue queue)
    {
        // A gap in the grid would make the frame's times explicit: two frames cost less.
        if (_builder is { Ticks: > 0 } open && open.LastMs + IntervalMs != TickMs) Cut(queue);
        int ticks = _cadence.Next();
        _builder ??= _pool.TryRent(ticks);
        if (_builder is null)
        {
            queue.Overflow(account, _present.AsSpan().Count((byte)1));
            return;
        }

        _gatheredFor = account;
        _builder.AddTick(TickMs, _values, _present);
        if (_builder.Ticks >= ticks || _builder.IsFull || WindowAccount.StartOf(NextTickMs) != account.WindowMs) Cut(queue);
    }

    private void CopyTo(Span<double> values, Span<byte> present)
    {
        _values.AsSpan(0, values.Length).CopyTo(values);
        _present.AsSpan(0, present.Length).CopyTo(present);
    }

    private bool Has(Member member) => Array.Exists(_members, own => own.Slot == member.Slot);

    private BuilderPool NewPool()
    {
        var schema = new Schema([.. _members.SelectMany(static member => member.Parts), _skew]);
        _values = new double[schema.SeriesCount];
        _present = new byte[schema.SeriesCount];
        int most = Math.Max(1, MaxFrameSamples / schema.SeriesCount);
        return new BuilderPool(Name, schema, Math.Min(most, _cadence.ShortTicks), Math.Min(most, _cadence.LongTicks), _profiles);
    }

    private enum Outcome
    {
        In,
        Failed,
        Late,
        Missed,
        Lent,
    }

    private sealed class Member(CollectorSlot slot)
    {
        private FailureReason _reason;

        public CollectorSlot Slot => slot;

        public IReadOnlyList<SchemaPart> Parts { get; private set; } = [];

        public SchemaSize Size { get; private set; }

        public int Count => Size.Series;

        public bool Posted { get; set; }

        // Whether another group has the collector at present.
        public bool IsLent { get; set; }

        // Whether another group had it when the open tick began: nothing of it is due here, also where it comes back meanwhile.
        public bool IsAway { get; set; }

        // Why the collector was not asked for the open tick; null where it was, or was busy.
        public FailureReason? Pause { get; set; }

        public Outcome Outcome { get; private set; }

        public bool IsAwaited => Posted && slot.State is SlotState.Queued or SlotState.Running;

        // Returns whether the collector's series changed. More of them than the group has room for fail as a whole: one that floods takes nothing from the others.
        public bool Settle(long tickMs, SchemaSize others)
        {
            Outcome = IsAway ? Outcome.Lent : Judge(tickMs);
            if (Outcome != Outcome.In) return false;
            bool isSame = ReferenceEquals(Parts, slot.Columns.Parts);
            slot.Refusal = isSame ? null : (others + slot.Columns.Size).Excess;
            if (slot.Refusal is not null) Outcome = Fail(FailureReason.Error);
            if (isSame || slot.Refusal is not null) return false;
            Parts = slot.Columns.Parts;
            Size = slot.Columns.Size;
            return true;
        }

        public void CountAbsence(WindowAccount account)
        {
            if (Outcome == Outcome.Failed)
            {
                account.AddFailed(_reason, Count);
                return;
            }

            slot.LoseTick();
            if (Outcome == Outcome.Late) account.Late += Count;
            else account.Missed += Count;
        }

        private Outcome Judge(long tickMs)
        {
            if (slot.State == SlotState.Stuck) return Fail(FailureReason.Stuck);
            if (Pause is { } paused) return Fail(paused);
            if (Posted && slot.TryUnqueue()) return Outcome.Missed;
            if (slot.State == SlotState.Done && slot.TickMs == tickMs) return slot.Failure is { } reason ? Fail(reason) : Outcome.In;
            return Posted || slot.State is SlotState.Running ? Outcome.Late : Outcome.Missed;
        }

        private Outcome Fail(FailureReason reason)
        {
            _reason = reason;
            return Outcome.Failed;
        }
    }
}
