using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The space of a file system in bytes, as statvfs gives it.</summary>
/// <param name="Limit">All of it.</param>
/// <param name="Free">What users may still take.</param>
/// <param name="Reserved">What only root may take.</param>
/// <param name="Inodes">Files that it may hold; 0 where it has no such limit.</param>
/// <param name="FreeInodes">Files that it may still take.</param>
internal readonly record struct FilesystemSpace(double Limit, double Free, double Reserved, double Inodes = 0, double FreeInodes = 0)
{
    private const int AccessDenied = 13;
    private const int NoEntry = 2;

    /// <summary>What is taken.</summary>
    public double Used => Limit - Free - Reserved;

    /// <summary>Asks the kernel. Blocks for as long as the file system does.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="space">Its space.</param>
    /// <returns>Null, or why it cannot be told.</returns>
    public static unsafe FailureReason? TryRead(Mount mount, out FilesystemSpace space)
    {
        space = default;
        LibC.StatVfsBuffer buffer;
        int result;
        fixed (byte* path = mount.Path) result = LibC.StatVfs(path, &buffer);
        if (result != 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                AccessDenied => FailureReason.AccessDenied,
                NoEntry => FailureReason.NotHere,
                _ => FailureReason.Error,
            };
        }

        double unit = buffer.FragmentSize;
        space = new FilesystemSpace(buffer.Blocks * unit, buffer.AvailableBlocks * unit, (buffer.FreeBlocks - Math.Min(buffer.AvailableBlocks, buffer.FreeBlocks)) * unit, buffer.Files, buffer.FreeFiles);
        return null;
    }
}
