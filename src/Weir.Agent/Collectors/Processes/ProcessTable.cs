using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Processes;

/// <summary>The processes of a host between ticks, summed by the name of their executable.</summary>
/// <remarks>
/// <para>One tick: <see cref="Begin"/>; for each process <see cref="TryFind"/> or else <see cref="Add"/>, and <see cref="Observe"/>; <see cref="End"/>.</para>
/// <para>
/// Counters never run backward when a process ends: a name's total is the sum of what was added between ticks at which it was reported; all else is the rest's, the tick
/// at which a name is first reported included, since a series shows no more than what it grows by behind its first sample. So the sum over all names grows by what was
/// used, whichever names come and go, and one that comes back goes on from where it was. A process that was there before the watch began counts
/// from its first sight, so that an agent's restart begins at zero, as readers of counters expect; one that started since the last tick counts whole, which its source tells. What a
/// process uses between the last tick and its end is not seen.
/// </para>
/// <para>
/// Names without series of their own are summed as <see cref="OtherName"/>, and so are those that the configuration excludes; an executable of that name is part of it. Bounded: <see cref="MaxProcesses"/> processes, the rest
/// is counted by the source and not looked at; <see cref="MaxNames"/> names, the rest counts as other. A name without processes that has no series is forgotten when its place is needed, and begins at zero
/// should it come back. Used by one thread at a time, which holds <see cref="Turn"/> where there are several, but for <see cref="Inventory"/>.
/// </para>
/// </remarks>
/// <param name="top">N: how many names of each kind are wanted.</param>
/// <param name="names">Names that are always, and never, reported apart.</param>
/// <param name="time">The clock of the ranking.</param>
internal sealed class ProcessTable(int top, NamePatterns names, TimeProvider time)
{
    /// <summary>The name of the rest.</summary>
    public const string OtherName = "other";

    /// <summary>Most processes that are watched: the largest pid of a usual Linux host.</summary>
    public const int MaxProcesses = 32_768;

    /// <summary>Most names that are told apart.</summary>
    public const int MaxNames = 4_096;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, int> _slots = [];
    private readonly Stack<int> _free = [];
    private readonly Dictionary<string, NameTotals> _byName = new(StringComparer.Ordinal);
    private readonly List<NameTotals> _names = [];
    private readonly NameTotals _other = new(OtherName, isWanted: false);
    private readonly NameRanking _ranking = new(top);
    private readonly long _began = time.GetTimestamp();
    private NameTotals[] _reported = [];
    private TrackedProcess[] _processes = new TrackedProcess[256];
    private long _tick;
    private bool _hasSwept;

    /// <summary>The names that have series, in ordinal order, then the rest.</summary>
    public ReadOnlySpan<NameTotals> Reported => _reported;

    /// <summary>Held from <see cref="Begin"/> to the last look at <see cref="Reported"/>, where several readers share a table.</summary>
    public Lock Turn { get; } = new();

    /// <summary>Grows whenever the reported names are others.</summary>
    public long Version { get; private set; }

    /// <summary>The table that a collector of this context counts in.</summary>
    public static ProcessTable For(CollectorContext context)
    {
        return context.Shared?.Processes(context.Config, Make) ?? Make();

        ProcessTable Make() => new(context.Config.Top, context.Config.Names, context.Time);
    }

    /// <summary>The latest start among the processes of the last tick: where the source's clock is never set, what starts later started at or after it.</summary>
    public ulong Newest { get; private set; }

    /// <summary>Whether the last tick saw every process: what a whole list has beyond it is new.</summary>
    public bool HasSeenAll { get; private set; }

    /// <summary>Processes that are watched.</summary>
    public int Count => _slots.Count;

    /// <summary>Begins a tick.</summary>
    public void Begin()
    {
        _tick++;
        _hasSwept = false;
        _other.Begin();
        foreach (NameTotals name in _names) name.Begin();
    }

    /// <summary>Finds a process by number, start and tag; false where it is new, or became another program.</summary>
    public bool TryFind(int pid, ulong start, UInt128 tag, out int slot) =>
        _slots.TryGetValue(pid, out slot) && _processes[slot].Start == start && _processes[slot].Tag == tag;

    /// <summary>Takes a process in, or gives a known one a new name; -1 where the table is full.</summary>
    /// <param name="pid">Its number.</param>
    /// <param name="start">When it started, by the source's clock.</param>
    /// <param name="tag">What changes when it becomes another program.</param>
    /// <param name="name">What its program is called.</param>
    /// <param name="isNew">Whether its whole life lies after the last tick.</param>
    public int Add(int pid, ulong start, UInt128 tag, string name, bool isNew)
    {
        NameTotals totals = TotalsOf(name);
        if (_slots.TryGetValue(pid, out int slot) && _processes[slot].Start == start)
        {
            _processes[slot].Tag = tag;
            _processes[slot].Name = totals;
            return slot;
        }

        lock (_gate)
        {
            // The number was taken over: what the former one used is in its name's total.
            if (_slots.Count == MaxProcesses && !_slots.ContainsKey(pid)) return -1;
            if (!_slots.TryGetValue(pid, out slot)) slot = _free.TryPop(out int free) ? free : _slots.Count;
            if (slot == _processes.Length) Array.Resize(ref _processes, _processes.Length * 2);
            _slots[pid] = slot;
            _processes[slot] = new TrackedProcess { Pid = pid, Start = start, Tag = tag, Name = totals, IsNew = _tick > 1 && isNew };
            return slot;
        }
    }

    /// <summary>What is known of a process from the last tick.</summary>
    public ref readonly TrackedProcess this[int slot] => ref _processes[slot];

    /// <summary>Counts a process.</summary>
    public void Observe(int slot, in ProcessReading reading)
    {
        ref TrackedProcess process = ref _processes[slot];
        NameTotals name = process.Name;
        ProcessCounters delta = process.IsRead ? reading.Counters.Since(process.Last) : process.IsNew ? reading.Counters : default;
        name.Delta += delta;
        name.AddNow(reading, 1);
        if (_tick == 1)
        {
            name.CpuScore += reading.Counters.Cpu;
            name.IoScore += reading.Counters.Io;
        }

        process.Last = reading.Counters;
        process.IsRead = true;
        process.IsIoDenied = reading.IsIoDenied;
        process.Tick = _tick;
    }

    /// <summary>Ends a tick: forgets what is gone, ranks the names, sums the rest.</summary>
    /// <param name="sawAll">Whether every process of the host was looked at.</param>
    /// <returns>Whether the reported names are others than before; true at the first tick.</returns>
    public bool End(bool sawAll)
    {
        HasSeenAll = sawAll;
        Sweep();
        bool changed = _ranking.Rank(_names, time.GetElapsedTime(_began)) || _tick == 1;
        _other.Total += _other.Delta;
        foreach (NameTotals name in _names) (name.IsReported && name.WasReported ? name : _other).Total += name.Delta;
        foreach (NameTotals name in _names)
            if (!name.IsReported) _other.Hold(name);
        if (!changed) return false;
        Version++;
        _reported = [.. _names.Where(static name => name.IsReported).OrderBy(static name => name.Name, StringComparer.Ordinal), _other];
        return true;
    }

    /// <summary>The processes behind the reported names, as of the last tick. May be called by any thread.</summary>
    /// <param name="startedAt">When a start by the source's clock was.</param>
    public ProcessInventory Inventory(Func<ulong, DateTimeOffset> startedAt)
    {
        lock (_gate)
        {
            var found = new Dictionary<string, List<ProcessIdentity>>(StringComparer.Ordinal);
            foreach (int slot in _slots.Values)
            {
                ref readonly TrackedProcess process = ref _processes[slot];
                if (!process.Name.IsReported) continue;
                if (!found.TryGetValue(process.Name.Name, out List<ProcessIdentity>? list)) found.Add(process.Name.Name, list = []);
                if (list.Count < ProcessInventory.MaxPerName) list.Add(new ProcessIdentity(process.Pid, startedAt(process.Start)));
            }

            return new ProcessInventory(found.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<ProcessIdentity>)pair.Value, StringComparer.Ordinal));
        }
    }

    private void Sweep()
    {
        ulong newest = 0;
        lock (_gate)
        {
            for (int slot = 0; slot < _processes.Length; slot++)
            {
                ref TrackedProcess process = ref _processes[slot];
                if (process.Name is null) continue;
                if (process.Tick == _tick)
                {
                    newest = Math.Max(newest, process.Start);
                    continue;
                }

                if (_slots.TryGetValue(process.Pid, out int held) && held == slot) _slots.Remove(process.Pid);
                process = default;
                _free.Push(slot);
            }
        }

        Newest = newest;
    }

    private NameTotals TotalsOf(string name)
    {
        if (name == OtherName) return _other;
        if (_byName.TryGetValue(name, out NameTotals? totals)) return totals;
        if (names.Excludes(name) || (_names.Count >= MaxNames && !TryMakeRoom())) return _other;
        totals = new NameTotals(name, names.Includes(name));
        _byName.Add(name, totals);
        _names.Add(totals);
        return totals;
    }

    // Once a tick: where nothing can go it would be looked for in vain for each of a flood of names.
    private bool TryMakeRoom()
    {
        if (_hasSwept) return false;
        _hasSwept = true;
        var used = new HashSet<NameTotals>();
        foreach (int slot in _slots.Values) used.Add(_processes[slot].Name);
        _names.RemoveAll(name => !name.IsReported && !used.Contains(name) && _byName.Remove(name.Name));
        return _names.Count < MaxNames;
    }
}
