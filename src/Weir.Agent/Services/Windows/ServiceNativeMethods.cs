using System.Runtime.InteropServices;

namespace Weir.Agent.Services.Windows;

/// <summary>The calls of the service control manager.</summary>
internal static unsafe partial class ServiceNativeMethods
{
    /// <summary>SC_MANAGER_CONNECT.</summary>
    public const uint ManagerConnect = 0x1;

    /// <summary>SC_MANAGER_CREATE_SERVICE.</summary>
    public const uint ManagerCreate = 0x2;

    /// <summary>SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS.</summary>
    public const uint ServiceQuery = 0x1 | 0x4;

    /// <summary>SERVICE_START.</summary>
    public const uint ServiceStart = 0x10;

    /// <summary>SERVICE_STOP.</summary>
    public const uint ServiceStop = 0x20;

    /// <summary>SERVICE_CHANGE_CONFIG, with SERVICE_START, which failure actions that restart need.</summary>
    public const uint ServiceChange = 0x2 | ServiceStart;

    /// <summary>DELETE.</summary>
    public const uint Delete = 0x10000;

    /// <summary>SERVICE_WIN32_OWN_PROCESS.</summary>
    public const uint OwnProcess = 0x10;

    /// <summary>SERVICE_AUTO_START.</summary>
    public const uint AutoStart = 2;

    /// <summary>SERVICE_ERROR_NORMAL.</summary>
    public const uint ErrorNormal = 1;

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint OpenSCManagerW(string? machine, string? database, uint access);

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint OpenServiceW(ServiceHandle manager, string name, uint access);

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint CreateServiceW(
        ServiceHandle manager, string name, string displayName, uint access, uint type, uint start, uint errorControl, string path, string? group, nint tag, string? dependencies, string? account, string? password);

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ChangeServiceConfigW(
        ServiceHandle service, uint type, uint start, uint errorControl, string path, string? group, nint tag, string? dependencies, string? account, string? password, string displayName);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ChangeServiceConfig2W(ServiceHandle service, uint level, void* info);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DeleteService(ServiceHandle service);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool StartServiceW(ServiceHandle service, uint arguments, nint argumentVector);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ControlService(ServiceHandle service, uint control, ServiceStatus* status);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool QueryServiceStatusEx(ServiceHandle service, int level, ServiceStatusProcess* status, uint length, out uint needed);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool QueryServiceConfigW(ServiceHandle service, ServiceConfiguration* configuration, uint length, out uint needed);

    [LibraryImport("advapi32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool CloseServiceHandle(nint handle);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool StartServiceCtrlDispatcherW(ServiceTableEntry* table);

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint RegisterServiceCtrlHandlerExW(string name, delegate* unmanaged<uint, uint, void*, void*, uint> handler, void* context);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetServiceStatus(nint handle, ServiceStatus* status);

    /// <summary>SERVICE_TABLE_ENTRYW.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ServiceTableEntry
    {
        public char* Name;
        public delegate* unmanaged<uint, char**, void> Main;
    }

    /// <summary>SERVICE_STATUS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ServiceStatus
    {
        public uint Type;
        public uint State;
        public uint Accepted;
        public uint ExitCode;
        public uint OwnExitCode;
        public uint CheckPoint;
        public uint WaitHintMs;
    }

    /// <summary>SERVICE_STATUS_PROCESS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ServiceStatusProcess
    {
        public ServiceStatus Status;
        public uint ProcessId;
        public uint Flags;
    }

    /// <summary>QUERY_SERVICE_CONFIGW; its texts lie behind it in the same buffer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ServiceConfiguration
    {
        public uint Type;
        public uint Start;
        public uint ErrorControl;
        public char* Path;
        public char* Group;
        public uint Tag;
        public char* Dependencies;
        public char* Account;
        public char* DisplayName;
    }

    /// <summary>SERVICE_FAILURE_ACTIONSW.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FailureActions
    {
        public uint ResetAfterS;
        public char* RebootMessage;
        public char* Command;
        public uint Count;
        public FailureAction* Actions;
    }

    /// <summary>SC_ACTION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FailureAction
    {
        public int Kind;
        public uint DelayMs;
    }
}
