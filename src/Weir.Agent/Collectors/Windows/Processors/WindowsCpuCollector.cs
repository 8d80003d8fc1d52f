using System.Globalization;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Time per logical processor and mode, the busy share between two ticks, DPC time and interrupts.</summary>
/// <remarks>
/// Kernel time includes idle, DPC and interrupt time: <c>system</c> is what remains, <c>interrupt</c> is the sum of the last two, so that the modes add up
/// to all of the time. <c>windows.cpu.dpc.time</c> is a part of <c>interrupt</c>.
/// </remarks>
internal sealed class WindowsCpuCollector(bool byGroup) : ICollector
{
    private static readonly string[] Modes = ["user", "system", "idle", "interrupt"];

    private const int Idle = 2;
    private const int ValuesPerProcessor = 2;
    private const int UtilizationDigits = 4;

    private readonly ProcessorTimesReader _reader = new(byGroup);
    private int[] _numbers = [];
    private NativeMethods.ProcessorTimes[] _last = [];
    private WrappingCounter[] _interrupts = [];

    // What remains of three times that do not advance together: it must not fall.
    private long[] _system = [];

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<NativeMethods.ProcessorTimes> times = _reader.Read();
        if (!ReferenceEquals(_numbers, _reader.Numbers)) Shape(columns);
        int count = times.Length, shareAt = count * Modes.Length, ownAt = shareAt + count;
        for (int cpu = 0; cpu < count; cpu++)
        {
            NativeMethods.ProcessorTimes now = times[cpu], last = _last[cpu];
            long interrupt = now.Dpc + now.Interrupt;
            columns.Set(cpu * Modes.Length, Seconds(now.User));
            columns.Set((cpu * Modes.Length) + 1, Seconds(_system[cpu] = Math.Max(_system[cpu], now.Kernel - now.Idle - interrupt)));
            columns.Set((cpu * Modes.Length) + Idle, Seconds(now.Idle));
            columns.Set((cpu * Modes.Length) + 3, Seconds(interrupt));
            double total = (now.Kernel + now.User) - (double)(last.Kernel + last.User);
            if (last.Kernel + last.User > 0 && total > 0)
                columns.Set(shareAt + cpu, Math.Round(Math.Clamp(1 - ((now.Idle - last.Idle) / total), 0, 1), UtilizationDigits));
            columns.Set(ownAt + (cpu * ValuesPerProcessor), Seconds(now.Dpc));
            columns.Set(ownAt + (cpu * ValuesPerProcessor) + 1, _interrupts[cpu].Next(now.Interrupts));
            _last[cpu] = now;
        }

        columns.Set(ownAt + (count * ValuesPerProcessor), count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private void Shape(Columns columns)
    {
        string[][] processors = [.. _reader.Numbers.Select(static number => (string[])[number.ToString(CultureInfo.InvariantCulture)])];
        columns.Shape(
        [
            new SchemaPart(Templates.CpuTime, [.. processors.SelectMany(static number => Modes.Select(mode => (string[])[.. number, mode]))]),
            new SchemaPart(Templates.CpuUtilization, processors),
            new SchemaPart(Templates.WindowsCpu, processors),
            new SchemaPart(Templates.CpuCount, [[]]),
        ]);
        _numbers = _reader.Numbers;
        _last = new NativeMethods.ProcessorTimes[processors.Length];
        _interrupts = new WrappingCounter[processors.Length];
        _system = new long[processors.Length];
    }

    private static double Seconds(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;
}
