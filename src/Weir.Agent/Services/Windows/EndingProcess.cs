using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>A process whose end is waited for: it goes on for a while after the service control manager calls its service stopped, and keeps its program from being replaced.</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class EndingProcess : SafeHandle
{
    private const uint Synchronize = 0x0010_0000;

    private EndingProcess(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => WaitForSingleObject(this, 0) == 0;

    /// <summary>Opens a process; null where there is none of that number, or this account may not wait for it.</summary>
    public static EndingProcess? TryOpen(uint id) => OpenProcess(Synchronize, 0, id) is not 0 and var opened ? new EndingProcess(opened) : null;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => CloseHandle(handle) != 0;

    [LibraryImport("kernel32.dll")]
    private static partial nint OpenProcess(uint access, int inherit, uint id);

    [LibraryImport("kernel32.dll")]
    private static partial uint WaitForSingleObject(EndingProcess process, uint milliseconds);

    [LibraryImport("kernel32.dll")]
    private static partial int CloseHandle(nint handle);
}
