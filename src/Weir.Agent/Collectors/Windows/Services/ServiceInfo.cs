namespace Weir.Agent.Collectors.Windows;

/// <summary>What is known of a service beside its state.</summary>
/// <param name="Name">Its key, the same in all languages: <c>Spooler</c>.</param>
/// <param name="StartType">0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled; null where the agent may not know.</param>
/// <param name="Index">Its place among those reported; -1 where it is not.</param>
internal sealed record ServiceInfo(string Name, uint? StartType, int Index)
{
    /// <summary>The start type of what starts with the system.</summary>
    public const uint Automatic = 2;

    /// <summary>The type bit of a copy of a service that is made for a user, with a name of its own at each logon.</summary>
    private const uint UserInstance = 0x80;

    /// <summary>Whether a service is reported where no pattern says.</summary>
    /// <param name="type">Its type bits.</param>
    /// <param name="startType">Its start type.</param>
    public static bool IsReported(uint type, uint? startType) => startType == Automatic && (type & UserInstance) == 0;
}
