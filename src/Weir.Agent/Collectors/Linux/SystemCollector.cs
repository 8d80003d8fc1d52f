namespace Weir.Agent.Collectors.Linux;

/// <summary>Context switches, interrupts, threads and the time of the start from /proc/stat, the number of all threads from /proc/loadavg.</summary>
internal sealed class SystemCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.ContextSwitches, [[]]),
        new(Templates.Interrupts, [[]]),
        new(Templates.SoftInterrupts, [[]]),
        new(Templates.ThreadStates, [[]]),
        new(Templates.BootTime, [[]]),
        new(Templates.ThreadCount, [[]]),
    ];

    private static readonly string[] Keys = ["ctxt", "intr", "softirq", "procs_running", "procs_blocked", "btime"];

    private readonly FieldFile _stat;
    private readonly ProcFile _loadavg;
    private readonly FieldValue[] _values = new FieldValue[Keys.Length];

    /// <summary>Reads below /proc.</summary>
    public SystemCollector(LinuxRoots roots)
    {
        _stat = new FieldFile(Path.Combine(roots.Proc, "stat"), FieldForm.Words);
        _loadavg = new ProcFile(Path.Combine(roots.Proc, "loadavg"));
        for (int i = 0; i < Keys.Length; i++) _stat.Want(Keys[i], i);
    }

    /// <inheritdoc/>
    public string Name => "system";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        _stat.Read(_values);
        var load = new ProcText(_loadavg.Read());
        if (columns.Count == 0) columns.Shape(Parts);
        for (int i = 0; i < Keys.Length; i++)
        {
            if (_values[i].Failure is { } reason) columns.Fail(i, reason);
            else columns.Set(i, _values[i].Value);
        }

        // load load load running/all pid
        load.Skip(3);
        load.Until((byte)'/');
        double threads = load.Number();
        if (load.IsMalformed) columns.Fail(Keys.Length, FailureReason.Error);
        else columns.Set(Keys.Length, threads);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stat.Dispose();
        _loadavg.Dispose();
    }
}
