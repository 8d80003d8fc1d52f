namespace Weir.Agent.Collectors.Linux;

/// <summary>Time per logical processor and mode from /proc/stat, and the busy share between two ticks.</summary>
/// <remarks>The kernel's <c>user</c> and <c>nice</c> include guest time; nothing is subtracted, so that the numbers are those of /proc/stat.</remarks>
internal sealed class CpuCollector : ICollector
{
    private static readonly string[] Modes = ["user", "nice", "system", "idle", "iowait", "interrupt", "softirq", "steal"];

    private const int Idle = 3;
    private const int IoWait = 4;
    private const double BackwardSeconds = 60;

    // More than the resolution of the source at one second holds; fewer digits compress better.
    private const int UtilizationDigits = 4;

    private readonly ProcFile _stat;
    private readonly double _ticksPerSecond;
    private readonly DeviceTable _cpus = new(static _ => DeviceUse.Always);
    private Usage[] _last = [];
    private double[] _highest = [];

    /// <summary>Reads <c>stat</c> below the root.</summary>
    /// <param name="roots">Where /proc is.</param>
    /// <param name="ticksPerSecond">USER_HZ; null asks the system.</param>
    public CpuCollector(LinuxRoots roots, double? ticksPerSecond = null)
    {
        _stat = new ProcFile(Path.Combine(roots.Proc, "stat"));
        _ticksPerSecond = ticksPerSecond ?? LibC.SysConf(LibC.ScClkTck);
    }

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _stat.Read();
        if (Walk(text, columns)) return;
        Learn(text, columns);
        if (!Walk(text, columns)) throw new InvalidDataException($"{_stat.Path} names processors in no stable order");
    }

    /// <inheritdoc/>
    public void Dispose() => _stat.Dispose();

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        _cpus.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> name = line.Word();
            if (!IsProcessor(name)) continue;
            int cpu = _cpus.Next(name, active: true);
            if (cpu >= 0) Take(ref line, cpu, columns);
        }

        if (!_cpus.End()) return false;
        columns.Set(_last.Length * (Modes.Length + 1), _last.Length);
        return true;
    }

    private void Take(ref ProcText line, int cpu, Columns columns)
    {
        double total = 0, idle = 0;
        int utilization = (_last.Length * Modes.Length) + cpu;
        for (int mode = 0; mode < Modes.Length; mode++)
        {
            double ticks = line.Number();
            total += ticks;
            if (mode is Idle or IoWait) idle += ticks;
            columns.Set((cpu * Modes.Length) + mode, (mode is Idle or IoWait ? Forward(ref _highest[(cpu * Modes.Length) + mode], ticks) : ticks) / _ticksPerSecond);
        }

        if (line.IsMalformed)
        {
            for (int mode = 0; mode < Modes.Length; mode++) columns.Fail((cpu * Modes.Length) + mode, FailureReason.Error);
            columns.Fail(utilization, FailureReason.Error);
            return;
        }

        Usage last = _last[cpu];
        _last[cpu] = new Usage(total, idle);
        // iowait may run backward: what is then more than all of the time is all of it.
        if (last.Total > 0 && total > last.Total)
            columns.Set(utilization, Math.Round(Math.Clamp(1 - ((idle - last.Idle) / (total - last.Total)), 0, 1), UtilizationDigits));
    }

    // idle and iowait step back by a few ticks now and then, which would read as a restart of the counter. A processor that comes anew begins far below.
    private double Forward(ref double highest, double ticks)
    {
        if (ticks > highest || ticks < highest - (BackwardSeconds * _ticksPerSecond)) highest = ticks;
        return highest;
    }

    private void Learn(ReadOnlySpan<byte> text, Columns columns)
    {
        _cpus.Clear();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> name = line.Word();
            if (IsProcessor(name)) _cpus.Learn(name, active: true);
        }

        string[] numbers = [.. _cpus.Reported.Select(static name => name["cpu".Length..])];
        if (numbers.Length == 0) throw new InvalidDataException($"{_stat.Path} names no processor");
        _last = new Usage[numbers.Length];
        _highest = new double[numbers.Length * Modes.Length];
        columns.Shape(
        [
            new SchemaPart(Templates.CpuTime, [.. numbers.SelectMany(static number => Modes.Select(mode => (string[])[number, mode]))]),
            new SchemaPart(Templates.CpuUtilization, [.. numbers.Select(static number => (string[])[number])]),
            new SchemaPart(Templates.CpuCount, [[]]),
        ]);
    }

    /// <summary>Whether a word is <c>cpu</c> and a number.</summary>
    internal static bool IsProcessor(ReadOnlySpan<byte> name) => name.Length > 3 && name.StartsWith("cpu"u8) && name[3..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    private readonly record struct Usage(double Total, double Idle);
}
