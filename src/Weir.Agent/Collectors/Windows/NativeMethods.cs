using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The Windows calls that need no right and no counter library.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>SystemProcessorPerformanceInformation.</summary>
    public const int ProcessorPerformance = 8;

    [LibraryImport("ntdll.dll")]
    public static partial int NtQuerySystemInformation(int informationClass, void* buffer, uint length, out uint returned);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GlobalMemoryStatusEx(MemoryStatus* status);

    /// <summary>SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION; times in 100 ns. Kernel time includes idle, DPC and interrupt time.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ProcessorTimes
    {
        public long Idle;
        public long Kernel;
        public long User;
        public long Dpc;
        public long Interrupt;
        public uint Interrupts;
    }

    /// <summary>MEMORYSTATUSEX.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryStatus
    {
        public uint Length;
        public uint LoadPercent;
        public ulong TotalPhysical;
        public ulong AvailablePhysical;
        public ulong TotalPageFile;
        public ulong AvailablePageFile;
        public ulong TotalVirtual;
        public ulong AvailableVirtual;
        public ulong AvailableExtendedVirtual;
    }
}
