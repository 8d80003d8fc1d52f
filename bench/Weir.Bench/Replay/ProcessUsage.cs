using System.Diagnostics;

namespace Weir.Bench.Replay;

/// <summary>What a process has used so far, from <c>/proc/PID/stat</c> and <c>/proc/PID/status</c>.</summary>
/// <param name="Cpu">User and kernel time of all its threads; the kernel counts in steps of 10 ms.</param>
/// <param name="PeakRssBytes">The most memory that it has had resident (VmHWM).</param>
internal readonly record struct ProcessUsage(TimeSpan Cpu, long PeakRssBytes)
{
    /// <summary>The memory that a process has resident now, bytes.</summary>
    public static long RssOf(int processId)
    {
        using Process process = Process.GetProcessById(processId);
        return process.WorkingSet64;
    }

    public static ProcessUsage Of(int processId)
    {
        using Process process = Process.GetProcessById(processId);
        return new ProcessUsage(process.TotalProcessorTime, process.PeakWorkingSet64);
    }
}
