namespace Weir.Agent.Collectors.Linux;

/// <summary>How long tasks ran, and waited to run, per logical processor, from /proc/schedstat.</summary>
/// <remarks>Not here where the kernel was built without it.</remarks>
internal sealed class CpuScheduleCollector(LinuxRoots roots) : ICollector
{
    private const double NanosecondsPerSecond = 1e9;

    // cpuN, then six counts of the scheduler, then run time, wait time, slices.
    private const int CountsBefore = 6;

    private readonly ProcFile _schedstat = new(Path.Combine(roots.Proc, "schedstat"));
    private readonly DeviceTable _cpus = new(static _ => DeviceUse.Always);

    /// <inheritdoc/>
    public string Name => "cpu_schedule";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _schedstat.Read();
        if (Walk(text, columns) && _cpus.Reported.Count > 0) return;
        _cpus.Clear();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
            if (line.Word() is var name && CpuCollector.IsProcessor(name)) _cpus.Learn(name, active: true);
        if (_cpus.Reported.Count == 0) throw new InvalidDataException($"{_schedstat.Path} names no processor");
        columns.Shape([new SchemaPart(Templates.CpuSchedule, [.. _cpus.Reported.Select(static name => (string[])[name["cpu".Length..]])])]);
        Walk(text, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _schedstat.Dispose();

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        _cpus.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> name = line.Word();
            if (!CpuCollector.IsProcessor(name) || _cpus.Next(name, active: true) is not (>= 0 and var cpu)) continue;
            line.Skip(CountsBefore);
            double run = line.Number(), wait = line.Number();
            for (int value = 0; value < 2; value++)
            {
                if (line.IsMalformed) columns.Fail((cpu * 2) + value, FailureReason.Error);
                else columns.Set((cpu * 2) + value, (value == 0 ? run : wait) / NanosecondsPerSecond);
            }
        }

        return _cpus.End();
    }
}
