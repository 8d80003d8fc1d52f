using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors.Windows.Processes;

/// <summary>CPU, memory, I/O, threads, handles and faults of processes by the name of their executable, from one call.</summary>
/// <remarks>
/// The idle process (0) is left out; process 4 is <c>System</c>. Memory is the working set; virtual memory is what the process has committed for itself.
/// I/O is all of its reads and writes, those of pipes and sockets included: Windows does not tell them apart. Faults are counted in 32 bits: where they wrap, one tick's are lost.
/// A process is new where the whole list before lacked it: its start is the wall clock's, which may be set back and forth, and only tells it from another of its number.
/// </remarks>
/// <param name="context">Clock, patterns, and the table that it shares.</param>
/// <param name="read">Fills a list with the processes of now.</param>
internal sealed class WindowsProcessCollector(CollectorContext context, Action<ProcessList> read) : ICollector, IProcessInventorySource
{
    private const int SystemId = 4;

    private readonly ProcessList _list = new();
    private readonly ProcessTable _table = ProcessTable.For(context);
    private readonly ProcessColumns _columns = new(TimeSpan.TicksPerSecond, hasHandles: true);
    private bool _saidBeyond;

    /// <summary>Reads the processes of this host.</summary>
    public WindowsProcessCollector(CollectorContext context) : this(context, static list => list.Read())
    {
    }

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        int beyond = 0;
        lock (_table.Turn)
        {
            // Within the turn: a list that is older than another reader's would make new processes of those that this one has seen.
            read(_list);
            _table.Begin();
            while (_list.TryNext(out ProcessInformation process))
            {
                if (process.Id == 0) continue;
                if (!_table.TryFind((int)process.Id, (ulong)process.CreateTime, 0, out int slot)) slot = _table.Add((int)process.Id, (ulong)process.CreateTime, 0, NameOf(process), isNew: _table.HasSeenAll);
                if (slot < 0) beyond++;
                else _table.Observe(slot, ReadingOf(process));
            }

            _table.End(sawAll: beyond == 0 && !_list.IsCut);
            _columns.Write(columns, _table, beyond);
        }

        if (beyond > 0 && !_saidBeyond) ProcessLog.Untracked(context.Logger, beyond, ProcessTable.MaxProcesses);
        _saidBeyond |= beyond > 0;
    }

    /// <inheritdoc/>
    public ProcessInventory Inventory() => _table.Inventory(static start => DateTimeOffset.FromFileTime((long)start));

    /// <inheritdoc/>
    public void Dispose() => _list.Dispose();

    private string NameOf(in ProcessInformation process)
    {
        ReadOnlySpan<char> name = _list.NameOf(process);
        return name.IsEmpty && process.Id == SystemId ? "System" : ProcessNameText.Of(name);
    }

    private static ProcessReading ReadingOf(in ProcessInformation process) => new()
    {
        Counters = new ProcessCounters(
            (ulong)process.UserTime,
            (ulong)process.KernelTime,
            process.PageFaultCount - Math.Min(process.HardFaultCount, process.PageFaultCount),
            process.HardFaultCount,
            (ulong)process.ReadTransferCount,
            (ulong)process.WriteTransferCount),
        ResidentBytes = process.WorkingSetSize,
        VirtualBytes = process.PrivatePageCount,
        Threads = process.ThreadCount,
        Handles = process.HandleCount,
    };
}
