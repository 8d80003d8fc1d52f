using System.Runtime.InteropServices;
using Weir.Agent.Collectors.Filesystems;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Asks a volume for its kind, file system and space: the calls that reach its file system, and wait for as long as that does.</summary>
internal static unsafe class VolumeReader
{
    private const int TypeChars = 64;
    private const uint Removable = 2;
    private const uint Fixed = 3;
    private const uint RamDisk = 6;

    /// <summary>Asks the system. A volume quota of the agent's account narrows the space.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="state">What it says; without a type where it is to be left out.</param>
    /// <returns>Null, or why its space cannot be told.</returns>
    public static FailureReason? TryRead(Volume volume, out VolumeState state)
    {
        state = default;
        uint mode;
        int isSet = NativeMethods.SetThreadErrorMode(NativeMethods.FailCriticalErrors, &mode);
        try
        {
            char* type = stackalloc char[TypeChars];
            uint flags;
            fixed (char* root = volume.Root, point = volume.Point)
            {
                if (!volume.IsNamed && NativeMethods.GetDriveTypeW(point) is not (Fixed or Removable or RamDisk)) return FailureReason.NotHere;
                if (!NativeMethods.GetVolumeInformationW(root, null, 0, null, null, out flags, type, TypeChars)) return ReasonOf(Marshal.GetLastPInvokeError());
            }

            bool isTold = NativeMethods.GetDiskFreeSpaceExW(volume.Root, out ulong available, out ulong total, out ulong free);
            int error = Marshal.GetLastPInvokeError();
            state = new VolumeState(TypeOf(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(type)), (flags & NativeMethods.ReadOnlyVolume) != 0 ? "ro" : "rw", isTold ? SpaceOf(available, total, free) : default);
            return isTold ? null : ReasonOf(error);
        }
        finally
        {
            if (isSet != 0) _ = NativeMethods.SetThreadErrorMode(mode, null);
        }
    }

    /// <summary>The space from the three numbers of the call.</summary>
    public static FilesystemSpace SpaceOf(ulong available, ulong total, ulong free)
    {
        // With a quota, total is the account's, and free may be more than it.
        ulong inReach = Math.Min(free, total), mine = Math.Min(available, inReach);
        return new FilesystemSpace(total, mine, inReach - mine);
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

    // Those that there are allocate nothing at a tick.
    private static string TypeOf(ReadOnlySpan<char> name) => name switch
    {
        "NTFS" => "NTFS",
        "ReFS" => "ReFS",
        "FAT32" => "FAT32",
        "FAT" => "FAT",
        "exFAT" => "exFAT",
        "UDF" => "UDF",
        "CDFS" => "CDFS",
        "CSVFS" => "CSVFS",
        _ => name.ToString(),
    };
}
