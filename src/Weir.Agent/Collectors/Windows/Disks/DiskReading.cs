using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Disks;

/// <summary>DISK_PERFORMANCE: times in 100 ns, counts of 32 bits.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DiskReading
{
    public long BytesRead;
    public long BytesWritten;
    public long ReadTime;
    public long WriteTime;
    public long IdleTime;
    public uint ReadCount;
    public uint WriteCount;
    public uint QueueDepth;
    public uint SplitCount;
    public long QueryTime;
    public uint DeviceNumber;
    public fixed char ManagerName[8];
}
