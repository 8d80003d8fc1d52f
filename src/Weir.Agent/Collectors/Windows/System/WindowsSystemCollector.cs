using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Context switches, interrupts and system calls since the host started, and how many threads, processes and handles there are.</summary>
/// <remarks>
/// The system counts in 32 bits; what is reported begins there, and does not wrap. Interrupts are the sum over all processors, and begin anew where
/// processors were added. Windows has no states of processes: their number has none.
/// </remarks>
internal sealed unsafe class WindowsSystemCollector(bool byGroup) : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.ContextSwitches, [[]]),
        new(Templates.Interrupts, [[]]),
        new(Templates.ThreadCount, [[]]),
        new(Templates.ProcessCount, [[""]]),
        new(Templates.WindowsHandles, [[]]),
        new(Templates.WindowsSystemCalls, [[]]),
    ];

    private readonly ProcessorTimesReader _processors = new(byGroup);
    private int[] _numbers = [];
    private WrappingCounter[] _interrupts = [];
    private WrappingCounter _switches;
    private WrappingCounter _calls;

    /// <inheritdoc/>
    public string Name => "system";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        NativeMethods.PerformanceCounts counts = default;
        int status = NativeMethods.NtQuerySystemInformation(NativeMethods.SystemPerformance, &counts, (uint)sizeof(NativeMethods.PerformanceCounts), out _);
        if (status < 0) throw new Win32Exception(status, $"NtQuerySystemInformation answers 0x{status:X8}");
        columns.Set(0, _switches.Next(counts.ContextSwitches));
        columns.Set(1, Interrupts());

        NativeMethods.PerformanceInfo info;
        if (!NativeMethods.GetPerformanceInfo(&info, (uint)sizeof(NativeMethods.PerformanceInfo))) throw new Win32Exception(Marshal.GetLastPInvokeError());
        columns.Set(2, info.Threads);
        columns.Set(3, info.Processes);
        columns.Set(4, info.Handles);
        columns.Set(5, _calls.Next(counts.SystemCalls));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private double Interrupts()
    {
        ReadOnlySpan<NativeMethods.ProcessorTimes> times = _processors.Read();
        if (!ReferenceEquals(_numbers, _processors.Numbers))
        {
            _numbers = _processors.Numbers;
            _interrupts = new WrappingCounter[times.Length];
        }

        double sum = 0;
        for (int cpu = 0; cpu < times.Length; cpu++) sum += _interrupts[cpu].Next(times[cpu].Interrupts);
        return sum;
    }
}
