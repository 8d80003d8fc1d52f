using System.ComponentModel;
using System.Globalization;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Time per logical processor and mode from NtQuerySystemInformation, and the busy share between two ticks.</summary>
/// <remarks>
/// The call sees the processors of the calling thread's group: at most 64. Kernel time includes idle, DPC and interrupt time; <c>system</c> is what
/// remains, <c>interrupt</c> is the sum of the last two.
/// </remarks>
internal sealed class WindowsCpuCollector : ICollector
{
    private static readonly string[] Modes = ["user", "system", "idle", "interrupt"];

    private const int MaxProcessors = 64;
    private const int Idle = 2;
    private const int UtilizationDigits = 4;

    private readonly NativeMethods.ProcessorTimes[] _times = new NativeMethods.ProcessorTimes[MaxProcessors];
    private NativeMethods.ProcessorTimes[] _last = [];

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        int count = Read();
        if (count != _last.Length) Shape(columns, count);
        for (int cpu = 0; cpu < count; cpu++)
        {
            NativeMethods.ProcessorTimes now = _times[cpu], last = _last[cpu];
            long interrupt = now.Dpc + now.Interrupt;
            columns.Set(cpu * Modes.Length, Seconds(now.User));
            columns.Set((cpu * Modes.Length) + 1, Seconds(Math.Max(0, now.Kernel - now.Idle - interrupt)));
            columns.Set((cpu * Modes.Length) + Idle, Seconds(now.Idle));
            columns.Set((cpu * Modes.Length) + 3, Seconds(interrupt));
            double total = (now.Kernel + now.User) - (double)(last.Kernel + last.User);
            if (last.Kernel + last.User > 0 && total > 0)
                columns.Set((count * Modes.Length) + cpu, Math.Round(Math.Clamp(1 - ((now.Idle - last.Idle) / total), 0, 1), UtilizationDigits));
            _last[cpu] = now;
        }

        columns.Set(count * (Modes.Length + 1), count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private unsafe int Read()
    {
        uint size = (uint)sizeof(NativeMethods.ProcessorTimes);
        fixed (NativeMethods.ProcessorTimes* buffer = _times)
        {
            int status = NativeMethods.NtQuerySystemInformation(NativeMethods.ProcessorPerformance, buffer, MaxProcessors * size, out uint returned);
            if (status < 0) throw new Win32Exception(status, $"NtQuerySystemInformation answers 0x{status:X8}");
            if (returned < size) throw new Win32Exception("NtQuerySystemInformation names no processor");
            return (int)(returned / size);
        }
    }

    private void Shape(Columns columns, int count)
    {
        string[] numbers = [.. Enumerable.Range(0, count).Select(static cpu => cpu.ToString(CultureInfo.InvariantCulture))];
        _last = new NativeMethods.ProcessorTimes[count];
        columns.Shape(
        [
            new SchemaPart(Templates.CpuTime, [.. numbers.SelectMany(static number => Modes.Select(mode => (string[])[number, mode]))]),
            new SchemaPart(Templates.CpuUtilization, [.. numbers.Select(static number => (string[])[number])]),
            new SchemaPart(Templates.CpuCount, [[]]),
        ]);
    }

    private static double Seconds(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;
}
