using Weir.Agent.Collectors.Windows.Pdh;

namespace Weir.Agent.Collectors.Windows.Disks;

/// <summary>The performance objects of disks and volumes.</summary>
/// <remarks>
/// Times come from the 64-bit timers (<c>% Disk Read Time</c>): they hold the same sums as <c>Avg. Disk sec/Read</c>, whose 32 bits wrap within minutes on a busy disk.
/// </remarks>
internal static class DiskObjects
{
    private static readonly PdhColumn Busy = new("% Idle Time", PdhPart.Complement), Queue = new("Current Disk Queue Length");

    private static readonly PdhVariant[] Directions =
    [
        new(["read"], [new("Disk Read Bytes/sec"), new("Disk Reads/sec"), new("% Disk Read Time")]),
        new(["write"], [new("Disk Write Bytes/sec"), new("Disk Writes/sec"), new("% Disk Write Time")]),
    ];

    /// <summary>Whole disks.</summary>
    public static PdhObject Disks { get; } =
        new("PhysicalDisk", [new(Templates.DiskDirection, Directions), PdhSeries.Of(Templates.Disk, Busy), PdhSeries.Of(Templates.DiskPending, Queue)]) { NameOf = DiskName };

    /// <summary>Volumes.</summary>
    public static PdhObject Volumes { get; } =
        new("LogicalDisk", [new(Templates.WindowsVolumeDirection, Directions), PdhSeries.Of(Templates.WindowsVolume, Busy, Queue)]);

    /// <summary>Names a disk as Windows opens it: <c>0 C: D:</c> is <c>PhysicalDrive0</c>, whatever letters its volumes have.</summary>
    public static string DiskName(string instance)
    {
        int digits = instance.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits switch
        {
            < 0 when instance.Length > 0 => $"PhysicalDrive{instance}",
            > 0 when instance[digits] == ' ' => $"PhysicalDrive{instance.AsSpan(0, digits)}",
            _ => instance,
        };
    }
}
