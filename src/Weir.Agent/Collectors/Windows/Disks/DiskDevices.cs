using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Disks;

/// <summary>Reads <c>\\.\PhysicalDriveN</c>.</summary>
/// <remarks>Opened with no access at all, which an ordinary user may, and only for the call: a handle that stays would keep a disk from being taken out.</remarks>
internal static unsafe partial class DiskDevices
{
    public const int Ok = 0, NotFunction = 1, NotFound = 2, PathNotFound = 3, Denied = 5, NotSupported = 50;

    private const uint DiskPerformance = 0x70020, ShareAll = 7, OpenExisting = 3;

    /// <summary>Reads a disk.</summary>
    /// <param name="path">Its device.</param>
    /// <param name="reading">What it says.</param>
    /// <returns><see cref="Ok"/>, or the error of Windows.</returns>
    public static int Read(string path, out DiskReading reading)
    {
        reading = default;
        nint device = CreateFileW(path, 0, ShareAll, 0, OpenExisting, 0, 0);
        if (device == -1) return Marshal.GetLastPInvokeError();
        try
        {
            fixed (DiskReading* to = &reading)
                return DeviceIoControl(device, DiskPerformance, null, 0, to, (uint)sizeof(DiskReading), out _, 0) != 0 ? Ok : Marshal.GetLastPInvokeError();
        }
        finally
        {
            _ = CloseHandle(device);
        }
    }

    [LibraryImport("kernel32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial nint CreateFileW(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    private static partial int DeviceIoControl(nint device, uint code, void* input, uint inputBytes, void* output, uint outputBytes, out uint returned, nint overlapped);

    [LibraryImport("kernel32.dll")]
    private static partial int CloseHandle(nint handle);
}
