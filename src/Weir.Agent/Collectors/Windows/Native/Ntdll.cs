using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The Windows calls that need no right and no counter library; a file for each DLL. Layouts are those of 64-bit Windows.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>SystemPerformanceInformation.</summary>
    public const int SystemPerformance = 2;

    /// <summary>SystemProcessorPerformanceInformation.</summary>
    public const int ProcessorPerformance = 8;

    [LibraryImport("ntdll.dll")]
    public static partial int NtQuerySystemInformation(int informationClass, void* buffer, uint length, out uint returned);

    [LibraryImport("ntdll.dll")]
    public static partial int NtQuerySystemInformationEx(int informationClass, void* input, uint inputLength, void* buffer, uint length, out uint returned);

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

    /// <summary>The part of SYSTEM_PERFORMANCE_INFORMATION that is read. Newer builds append to it: the size is room for more than any has.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    public struct PerformanceCounts
    {
        [FieldOffset(60)]
        public uint PageFaults;

        [FieldOffset(80)]
        public uint PagesRead;

        [FieldOffset(84)]
        public uint PageReads;

        [FieldOffset(96)]
        public uint PageFilePagesWritten;

        [FieldOffset(104)]
        public uint MappedFilePagesWritten;

        [FieldOffset(296)]
        public uint ContextSwitches;

        [FieldOffset(308)]
        public uint SystemCalls;
    }
}
