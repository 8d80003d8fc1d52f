using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

internal static unsafe partial class NativeMethods
{
    /// <summary>SC_MANAGER_ENUMERATE_SERVICE.</summary>
    public const uint EnumerateServices = 4;

    /// <summary>SERVICE_QUERY_CONFIG.</summary>
    public const uint QueryServiceConfiguration = 1;

    /// <summary>SERVICE_WIN32.</summary>
    public const uint Win32Services = 0x30;

    /// <summary>SERVICE_STATE_ALL.</summary>
    public const uint AllServiceStates = 3;

    [LibraryImport("advapi32.dll", SetLastError = true)]
    public static partial nint OpenSCManagerW(char* machine, char* database, uint access);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    public static partial nint OpenServiceW(nint manager, char* name, uint access);

    [LibraryImport("advapi32.dll")]
    public static partial int CloseServiceHandle(nint handle);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EnumServicesStatusExW(nint manager, int level, uint types, uint states, void* buffer, uint length, out uint needed, out uint count, ref uint resume, char* group);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool QueryServiceConfigW(nint service, void* buffer, uint length, out uint needed);

    /// <summary>ENUM_SERVICE_STATUS_PROCESS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ServiceRow
    {
        public char* Name;
        public char* DisplayName;
        public uint Type;
        public uint State;
        public uint ControlsAccepted;
        public uint Win32ExitCode;
        public uint ServiceExitCode;
        public uint CheckPoint;
        public uint WaitHint;
        public uint ProcessId;
        public uint Flags;
    }

    /// <summary>The head of QUERY_SERVICE_CONFIG; its strings follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ServiceConfiguration
    {
        public uint Type;
        public uint StartType;
    }
}
