using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The space of a volume in bytes, as GetDiskFreeSpaceEx gives it. A quota of the agent's account narrows it.</summary>
/// <param name="Limit">All of it.</param>
/// <param name="Free">What the agent's account may still take.</param>
/// <param name="Reserved">What is free beyond that.</param>
internal readonly record struct VolumeSpace(double Limit, double Free, double Reserved)
{
    /// <summary>What is taken.</summary>
    public double Used => Limit - Free - Reserved;

    /// <summary>Asks the system.</summary>
    /// <param name="root">The volume.</param>
    /// <param name="space">Its space.</param>
    /// <returns>Null, or why it cannot be told.</returns>
    public static FailureReason? TryRead(string root, out VolumeSpace space)
    {
        space = default;
        if (!NativeMethods.GetDiskFreeSpaceExW(root, out ulong available, out ulong total, out ulong free)) return ReasonOf(Marshal.GetLastPInvokeError());
        space = Of(available, total, free);
        return null;
    }

    /// <summary>The space from the three numbers of the call.</summary>
    public static VolumeSpace Of(ulong available, ulong total, ulong free)
    {
        // With a quota, total is the account's, and free may be more than it.
        ulong inReach = Math.Min(free, total), mine = Math.Min(available, inReach);
        return new VolumeSpace(total, mine, inReach - mine);
    }

    /// <summary>What an error of the system says of the volume.</summary>
    public static FailureReason ReasonOf(int error) => error switch
    {
        // ERROR_ACCESS_DENIED, and a volume locked by BitLocker (FVE_E_LOCKED_VOLUME).
        5 or unchecked((int)0x8031_0000) => FailureReason.AccessDenied,
        // FILE_NOT_FOUND, PATH_NOT_FOUND, INVALID_DRIVE, NOT_READY, WRONG_DISK, UNRECOGNIZED_VOLUME, NO_MEDIA_IN_DRIVE, NO_SUCH_DEVICE, DEVICE_NOT_CONNECTED, DEVICE_REMOVED
        2 or 3 or 15 or 21 or 34 or 1005 or 1112 or 433 or 1167 or 1617 => FailureReason.NotHere,
        _ => FailureReason.Error,
    };
}
