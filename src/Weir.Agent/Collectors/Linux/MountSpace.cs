using System.Runtime.InteropServices;
using Weir.Agent.Collectors.Filesystems;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The space of a mount, as statvfs gives it: what is reserved only root may take.</summary>
internal static class MountSpace
{
    private const int AccessDenied = 13;
    private const int NoEntry = 2;

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
