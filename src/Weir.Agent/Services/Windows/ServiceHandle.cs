using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>A handle of the service control manager: the manager's own, or a service's.</summary>
[SupportedOSPlatform("windows")]
internal sealed class ServiceHandle : SafeHandle
{
    private const int AccessDenied = 5;
    private const int DoesNotExist = 1060;

    private ServiceHandle(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Opens the manager of this host.</summary>
    public static ServiceHandle OpenManager(uint access) => Take(ServiceNativeMethods.OpenSCManagerW(null, null, access), "open the service control manager");

    /// <summary>Opens a service; null where there is none of that name.</summary>
    public static ServiceHandle? TryOpen(ServiceHandle manager, string name, uint access)
    {
        nint opened = ServiceNativeMethods.OpenServiceW(manager, name, access);
        return opened == 0 && Marshal.GetLastPInvokeError() == DoesNotExist ? null : Take(opened, $"open the service {name}");
    }

    /// <summary>Takes what a call returned.</summary>
    /// <exception cref="ServiceException">It returned none.</exception>
    public static ServiceHandle Take(nint handle, string operation) => handle != 0 ? new ServiceHandle(handle) : throw Refusal(operation);

    /// <summary>Why the last call of this thread failed.</summary>
    public static ServiceException Refusal(string operation) => Refusal(operation, Marshal.GetLastPInvokeError());

    /// <summary>A failure with its code.</summary>
    public static ServiceException Refusal(string operation, int code) =>
        new(operation, code, code == AccessDenied ? "access denied: run it from a console of an administrator" : Marshal.GetPInvokeErrorMessage(code).TrimEnd('.', '\r', '\n', ' '));

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => ServiceNativeMethods.CloseServiceHandle(handle);
}
