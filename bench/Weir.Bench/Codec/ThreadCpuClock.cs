using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Weir.Bench.Codec;

/// <summary>CPU time of the calling thread: what other processes take from the machine does not count.</summary>
/// <remarks>On systems that do not tell, the time of the wall.</remarks>
internal static partial class ThreadCpuClock
{
    private static readonly int ClockId = OperatingSystem.IsLinux() ? 3 : OperatingSystem.IsMacOS() ? 16 : -1;

    /// <summary>Seconds since some moment.</summary>
    public static double Seconds => ClockId >= 0 && GetTime(ClockId, out Timespec time) == 0
        ? time.Seconds + (time.Nanoseconds * 1e-9)
        : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
