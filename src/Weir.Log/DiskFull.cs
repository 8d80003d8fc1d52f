namespace Weir.Log;

/// <summary>Tells a full disk from other errors.</summary>
public static class DiskFull
{
    /// <summary>Whether an error says that there is no room: ENOSPC, EDQUOT; ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.</summary>
    public static bool Is(Exception e) => e is LogException { Error: LogError.DiskFull } || (e is IOException and not LogException && (e.HResult & 0xFFFF) is 28 or 122 or 39 or 112);
}
