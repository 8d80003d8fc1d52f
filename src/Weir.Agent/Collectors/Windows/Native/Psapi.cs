using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

// Psapi since Windows 7: the functions live in kernel32.
internal static unsafe partial class NativeMethods
{
    [LibraryImport("kernel32.dll", EntryPoint = "K32GetPerformanceInfo", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetPerformanceInfo(PerformanceInfo* info, uint size);

    [LibraryImport("kernel32.dll", EntryPoint = "K32EnumPageFilesW", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EnumPageFiles(delegate* unmanaged<void*, PageFileInfo*, char*, int> callback, void* context);

    /// <summary>PERFORMANCE_INFORMATION; sizes in pages.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PerformanceInfo
    {
        public uint Size;
        public ulong CommitTotal;
        public ulong CommitLimit;
        public ulong CommitPeak;
        public ulong PhysicalTotal;
        public ulong PhysicalAvailable;
        public ulong SystemCache;
        public ulong KernelTotal;
        public ulong KernelPaged;
        public ulong KernelNonPaged;
        public ulong PageSize;
        public uint Handles;
        public uint Processes;
        public uint Threads;
    }

    /// <summary>ENUM_PAGE_FILE_INFORMATION; sizes in pages.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PageFileInfo
    {
        public uint Size;
        public uint Reserved;
        public ulong Total;
        public ulong InUse;
        public ulong Peak;
    }
}
