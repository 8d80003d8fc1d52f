using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

internal static unsafe partial class NativeMethods
{
    /// <summary>SEM_FAILCRITICALERRORS: a drive without a medium is an error, not a message box.</summary>
    public const uint FailCriticalErrors = 1;

    /// <summary>FILE_READ_ONLY_VOLUME.</summary>
    public const uint ReadOnlyVolume = 0x0008_0000;

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GlobalMemoryStatusEx(MemoryStatus* status);

    [LibraryImport("kernel32.dll")]
    public static partial ulong GetTickCount64();

    [LibraryImport("kernel32.dll")]
    public static partial ushort GetActiveProcessorGroupCount();

    [LibraryImport("kernel32.dll")]
    public static partial uint GetActiveProcessorCount(ushort group);

    [LibraryImport("kernel32.dll")]
    public static partial uint GetMaximumProcessorCount(ushort group);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetSystemPowerStatus(PowerStatus* status);

    [LibraryImport("kernel32.dll")]
    public static partial int SetThreadErrorMode(uint mode, uint* before);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    public static partial nint FindFirstVolumeW(char* name, uint length);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool FindNextVolumeW(nint search, char* name, uint length);

    [LibraryImport("kernel32.dll")]
    public static partial int FindVolumeClose(nint search);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetVolumePathNamesForVolumeNameW(char* volume, char* paths, uint length, out uint returned);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetVolumeInformationW(char* root, char* label, uint labelLength, uint* serial, uint* longestName, out uint flags, char* type, uint typeLength);

    [LibraryImport("kernel32.dll")]
    public static partial uint GetDriveTypeW(char* root);

    [LibraryImport("kernel32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetDiskFreeSpaceExW(string folder, out ulong available, out ulong total, out ulong free);

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

    /// <summary>SYSTEM_POWER_STATUS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PowerStatus
    {
        public byte LineStatus;
        public byte BatteryFlags;
        public byte ChargePercent;
        public byte SystemStatus;
        public int SecondsLeft;
        public int SecondsWhenFull;
    }
}
