using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors.Linux.Processes;

/// <summary>CPU, memory, disk I/O, threads and faults of processes by the name of their executable.</summary>
/// <remarks>
/// The name is that of the file behind /proc/[pid]/exe, read once for each process and again where its command changes; where that may not be read, the command (15
/// bytes). Kernel threads are named up to the first slash: <c>kworker/0:1-events</c> is <c>kworker</c>.
/// I/O comes from /proc/[pid]/io, which only the same user and CAP_SYS_PTRACE may read: where it is denied for a process the I/O of its name fails, and a notice says so
/// once, <see cref="Shortfall"/> as long as it is so. It is read of processes that used CPU time or faulted, and of the others at every eighth tick: idle ones, which are most, cost one file instead of two.
/// Descriptors and context switches are left out: each costs another file per process. A process costs about 14 us a tick: with 300 of them an interval of 1 s takes
/// 0.4 % of a core, with 5,000 of them 15 s takes 0.5 %, which is why that is the default.
/// </remarks>
internal sealed class LinuxProcessCollector : ICollector, IProcessInventorySource, IDegraded
{
    private const int IoEvery = 8;

    private readonly CollectorContext _context;
    private readonly ProcessWalk _walk;
    private readonly ProcessTable _table;
    private readonly ProcessColumns _columns;
    private readonly double _ticksPerSecond = LibC.SysConf(LibC.ScClkTck);
    private readonly byte[] _buffer = new byte[4096];
    private ProcessSample[] _samples = [];
    private long _seen;
    private long _tick;
    private readonly Lock _gate = new();
    private readonly Lazy<bool> _holdsRight;
    private IoDenial _denied;
    private bool _saidDenied;
    private bool _saidBeyond;

    /// <summary>Reads the process directories below the root.</summary>
    public LinuxProcessCollector(CollectorContext context)
    {
        _context = context;
        // Rights do not change while a process runs.
        _holdsRight = new Lazy<bool>(() => IoDenial.HoldsRight(context.Roots), LazyThreadSafetyMode.PublicationOnly);
        _walk = context.Shared?.ProcessWalk ?? new ProcessWalk(context.Roots, context.Time);
        _table = ProcessTable.For(context);
        _columns = new ProcessColumns(_ticksPerSecond, hasHandles: false);
    }

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public string? Shortfall
    {
        get
        {
            IoDenial denied;
            lock (_gate) denied = _denied;
            return denied.Processes == 0 ? null : denied.Words(_holdsRight.Value);
        }
    }

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        int count = _walk.Take(ref _samples, ref _seen, out int beyond);
        if (count == 0) throw new InvalidDataException($"{_context.Roots.Proc} lists no process that can be read");
        _tick++;
        IoDenial denied;
        lock (_table.Turn)
        {
            denied = Observe(_samples.AsSpan(0, count));
            _table.End(sawAll: beyond == 0);
            _columns.Write(columns, _table, beyond);
        }

        Say(denied, beyond);
    }

    /// <inheritdoc/>
    public ProcessInventory Inventory()
    {
        DateTimeOffset booted = DateTimeOffset.FromUnixTimeSeconds((long)BootSeconds());
        return _table.Inventory(start => booted + TimeSpan.FromSeconds(start / _ticksPerSecond));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private IoDenial Observe(ReadOnlySpan<ProcessSample> samples)
    {
        using var proc = new ProcDirectory(_context.Roots.Proc);
        IoDenial denied = default;
        _table.Begin();
        foreach (ref readonly ProcessSample sample in samples)
        {
            // The tag of a kernel thread stays: its command says what it works on.
            UInt128 tag = sample.IsKernel ? 0 : sample.Command;
            if (!_table.TryFind(sample.Pid, sample.Start, tag, out int slot)) slot = _table.Add(sample.Pid, sample.Start, tag, NameOf(proc, sample), isNew: sample.Start >= _table.Newest);
            if (slot < 0) continue;
            var reading = new ProcessReading
            {
                ResidentBytes = sample.ResidentPages * (ulong)Environment.SystemPageSize,
                VirtualBytes = sample.VirtualBytes,
                Threads = sample.Threads,
            };
            ReadIo(proc, sample, _table[slot], ref reading);
            if (reading.IsIoDenied) denied = denied.Processes == 0 ? new IoDenial(1, sample.Pid, _table[slot].Name.Name) : denied with { Processes = denied.Processes + 1 };
            _table.Observe(slot, reading);
        }

        return denied;
    }

    private void ReadIo(in ProcDirectory proc, in ProcessSample sample, in TrackedProcess known, ref ProcessReading reading)
    {
        ref readonly ProcessCounters last = ref known.Last;
        ulong read = last.ReadBytes, written = last.WrittenBytes;
        bool isIdle = known.IsRead && sample.User == last.User && sample.System == last.System && sample.MinorFaults == last.MinorFaults && sample.MajorFaults == last.MajorFaults;
        if (isIdle && (_tick + sample.Pid) % IoEvery != 0)
        {
            reading.IsIoDenied = known.IsIoDenied;
        }
        else
        {
            int length = proc.Read(sample.Pid, "/io\0"u8, _buffer);
            reading.IsIoDenied = length is -LibC.EAcces or -LibC.EPerm;
            // One that has just ended keeps what it had.
            if (length > 0) ParseIo(_buffer.AsSpan(0, length), ref read, ref written);
        }

        reading.Counters = new ProcessCounters(sample.User, sample.System, sample.MinorFaults, sample.MajorFaults, read, written);
    }

    private static void ParseIo(ReadOnlySpan<byte> text, ref ulong read, ref ulong written)
    {
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> key = line.Until((byte)':');
            if (key.SequenceEqual("read_bytes"u8)) read = line.Number();
            else if (key.SequenceEqual("write_bytes"u8)) written = line.Number();
        }
    }

    private string NameOf(in ProcDirectory proc, in ProcessSample sample)
    {
        ReadOnlySpan<byte> name = default;
        if (!sample.IsKernel && proc.ReadLink(sample.Pid, "/exe\0"u8, _buffer) is > 0 and var length) name = FileName(_buffer.AsSpan(0, length));
        if (name.IsEmpty)
        {
            name = _buffer.AsSpan(0, sample.CopyCommand(_buffer));
            if (sample.IsKernel && name.IndexOf((byte)'/') is > 0 and var slash) name = name[..slash];
        }

        return ProcessNameText.Of(name);
    }

    private static ReadOnlySpan<byte> FileName(ReadOnlySpan<byte> path)
    {
        // The kernel's word for a file that was replaced while it runs, as by an upgrade.
        if (path.EndsWith(" (deleted)"u8)) path = path[..^" (deleted)".Length];
        return path[(path.LastIndexOf((byte)'/') + 1)..];
    }

    private void Say(in IoDenial denied, int beyond)
    {
        // How many changes with every process of somebody else: the words are made for who asks.
        lock (_gate) _denied = denied;
        if (!_saidDenied && Shortfall is { } shortfall) ProcessLog.IoDenied(_context.Logger, shortfall);
        if (beyond > 0 && !_saidBeyond) ProcessLog.Untracked(_context.Logger, beyond, ProcessTable.MaxProcesses);
        _saidDenied |= denied.Processes > 0;
        _saidBeyond |= beyond > 0;
    }

    private double BootSeconds()
    {
        using var stat = new ProcFile(Path.Combine(_context.Roots.Proc, "stat"));
        var lines = new ProcText(stat.Read());
        while (lines.TryLine(out ProcText line))
            if (line.Word().SequenceEqual("btime"u8)) return line.Number();
        throw new IOException($"{stat.Path} does not say when the host started");
    }
}
