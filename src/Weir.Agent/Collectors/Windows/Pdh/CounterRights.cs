using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Whether the account of this process may read performance counters.</summary>
/// <remarks>An account that is not logged on interactively and in none of the groups gets "no data" instead of a refusal. Asked only then.</remarks>
internal static unsafe partial class CounterRights
{
    private const int MaxSidBytes = 68;

    // WELL_KNOWN_SID_TYPE: interactive, the system, administrators, performance monitor users, performance log users.
    private static ReadOnlySpan<int> Allowed => [11, 22, 26, 57, 58];

    /// <summary>Whether it may; also where that cannot be found out.</summary>
    public static bool Has()
    {
        byte* sid = stackalloc byte[MaxSidBytes];
        foreach (int known in Allowed)
        {
            uint bytes = MaxSidBytes;
            if (CreateWellKnownSid(known, 0, sid, ref bytes) == 0 || CheckTokenMembership(0, sid, out int isMember) == 0 || isMember != 0) return true;
        }

        return false;
    }

    [LibraryImport("advapi32.dll")]
    private static partial int CreateWellKnownSid(int type, nint domain, byte* sid, ref uint bytes);

    [LibraryImport("advapi32.dll")]
    private static partial int CheckTokenMembership(nint token, byte* sid, out int isMember);
}
