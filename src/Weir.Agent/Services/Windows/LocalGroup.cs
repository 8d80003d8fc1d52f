using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>A local group of Windows, known by its SID: its name is in the system's language.</summary>
internal sealed unsafe class LocalGroup
{
    private const int MaxNameCharacters = 256;
    private const uint AlreadyMember = 1378;
    private const uint NotMember = 1377;
    private const uint NoSuchGroup = 2220;
    private const uint NoSuchAlias = 1376;

    private readonly string _sid;

    private LocalGroup(string sid, string english)
    {
        _sid = sid;
        Name = (OperatingSystem.IsWindows() ? TryFindName(sid) : null) ?? english;
    }

    /// <summary>Who may read performance counters.</summary>
    public static LocalGroup PerformanceMonitorUsers { get; } = new("S-1-5-32-558", "Performance Monitor Users");

    /// <summary>Who may read the event logs.</summary>
    public static LocalGroup EventLogReaders { get; } = new("S-1-5-32-573", "Event Log Readers");

    /// <summary>Its name in the system's language; elsewhere than on Windows the English one.</summary>
    public string Name { get; }

    /// <summary>Takes a member in.</summary>
    /// <param name="member">Its SID.</param>
    /// <returns>Null; or what stood in the way. A read-only domain controller refuses any change of a group, and few collectors need this one.</returns>
    [SupportedOSPlatform("windows")]
    public string? Add(string member)
    {
        using var sid = new TextSid(member);
        nint pointer = sid.Pointer;
        return Judge($"add a member to the group {Name}", AccountNativeMethods.NetLocalGroupAddMembers(null, Name, 0, &pointer, 1));
    }

    /// <summary>Takes a member out; null, or what stood in the way.</summary>
    [SupportedOSPlatform("windows")]
    public string? Remove(string member)
    {
        using var sid = new TextSid(member);
        nint pointer = sid.Pointer;
        return Judge($"remove a member from the group {Name}", AccountNativeMethods.NetLocalGroupDelMembers(null, Name, 0, &pointer, 1));
    }

    /// <summary>What an answer of the system means for who asked: null, or what stood in the way.</summary>
    [SupportedOSPlatform("windows")]
    internal string? Judge(string operation, uint code) => code switch
    {
        0 or AlreadyMember or NotMember => null,
        NoSuchGroup or NoSuchAlias => $"left as it is: this system has no group {Name} ({_sid})",
        _ => $"left as it is: {ServiceHandle.Refusal(operation, (int)code).Message}",
    };

    [SupportedOSPlatform("windows")]
    private static string? TryFindName(string text)
    {
        using var sid = new TextSid(text);
        char* name = stackalloc char[MaxNameCharacters];
        char* domain = stackalloc char[MaxNameCharacters];
        uint nameLength = MaxNameCharacters, domainLength = MaxNameCharacters;
        return AccountNativeMethods.LookupAccountSidW(null, sid.Pointer, name, ref nameLength, domain, ref domainLength, out _) ? new string(name) : null;
    }

    /// <summary>A SID in native memory.</summary>
    [SupportedOSPlatform("windows")]
    private readonly ref struct TextSid
    {
        public TextSid(string text)
        {
            if (!AccountNativeMethods.ConvertStringSidToSidW(text, out nint pointer)) throw ServiceHandle.Refusal($"read the SID {text}");
            Pointer = pointer;
        }

        public nint Pointer { get; }

        public void Dispose() => Marshal.FreeHGlobal(Pointer);
    }
}
