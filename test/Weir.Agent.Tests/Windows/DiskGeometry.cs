using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Tests.Windows;

/// <summary>What the driver below a volume says of its size (IOCTL_DISK_GET_DRIVE_GEOMETRY_EX): wine's Win32_LogicalDisk passes it on as Size.</summary>
internal static unsafe partial class DiskGeometry
{
    private const uint Code = 0x700A0, GenericRead = 0x8000_0000, ShareAll = 7, OpenExisting = 3;

    /// <summary>The size in bytes.</summary>
    public static long SizeOf(string volume)
    {
        using SafeFileHandle device = CreateFileW($@"\\.\{volume}", GenericRead, ShareAll, 0, OpenExisting, 0, 0);
        Geometry geometry;
        if (DeviceIoControl(device, Code, null, 0, &geometry, (uint)sizeof(Geometry), out _, 0) == 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        return geometry.DiskSize;
    }

    [LibraryImport("kernel32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial SafeFileHandle CreateFileW(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32.dll", SetLastError = true)]
    private static partial int DeviceIoControl(SafeFileHandle device, uint code, void* input, uint inputBytes, void* output, uint outputBytes, out uint returned, nint overlapped);

    /// <summary>DISK_GEOMETRY_EX.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Geometry
    {
        public long Cylinders;
        public int MediaType;
        public uint TracksPerCylinder;
        public uint SectorsPerTrack;
        public uint BytesPerSector;
        public long DiskSize;
        public fixed byte Details[256];
    }
}
