using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The space of a file system in bytes, as statvfs gives it.</summary>
/// <param name="Limit">All of it.</param>
/// <param name="Free">What users may still take.</param>
/// <param name="Reserved">What only root may take.</param>
internal readonly record struct FilesystemSpace(double Limit, double Free, double Reserved)
{
    private const int AccessDenied = 13;
    private const int NoEntry = 2;

    /// <summary>What is taken.</summary>
    public double Used => Limit - Free - Reserved;

    /// <summary>Asks the kernel. Blocks for as long as the file system does.</summary>
    /// <param name="mountPoint">Where it is mounted.</param>
    /// <param name="space">Its space.</param>
    /// <returns>Null, or why it cannot be told.</returns>
    public static unsafe FailureReason? TryRead(string mountPoint, out FilesystemSpace space)
    {
        space = default;
        LibC.StatVfsBuffer buffer;
        if (LibC.StatVfs(mountPoint, &buffer) != 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                AccessDenied => FailureReason.AccessDenied,
                NoEntry => FailureReason.NotHere,
                _ => FailureReason.Error,
            };
        }

        double unit = buffer.FragmentSize;
        space = new FilesystemSpace(buffer.Blocks * unit, buffer.AvailableBlocks * unit, (buffer.FreeBlocks - buffer.AvailableBlocks) * unit);
        return null;
    }
}
