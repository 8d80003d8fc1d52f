using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>The rights on a directory that belongs to a service: it, the system and administrators, nobody else.</summary>
[SupportedOSPlatform("windows")]
internal static class DirectoryRights
{
    private const string Administrators = "BA";
    private const string System = "SY";

    /// <summary>The rights in the system's own notation: nothing is inherited from above; files within inherit these.</summary>
    public static string For(string serviceSid) => $"O:{Administrators}D:P(A;OICI;FA;;;{System})(A;OICI;FA;;;{Administrators})(A;OICI;0x1301bf;;;{serviceSid})";

    /// <summary>Makes a directory with its owner and rights, or gives them to one that is there.</summary>
    /// <remarks>
    /// Every user may make directories in ProgramData: one that was laid there as a link to another place is refused, so that rights are never changed elsewhere. The directory above it, where it
    /// is made here, gets the same rights, so that nobody can put another in its place.
    /// </remarks>
    public static void Create(string directory, string rights)
    {
        string full = Path.GetFullPath(directory);
        if (Path.GetDirectoryName(full) is { } parent && !Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            Apply(parent, rights);
        }

        foreach (string each in (string[])[Path.GetDirectoryName(full) ?? full, full])
            if (Directory.Exists(each) && File.GetAttributes(each).HasFlag(FileAttributes.ReparsePoint))
                throw new IOException($"{each} is a link to another place: remove it, or name another directory with --data");
        Directory.CreateDirectory(full);
        Apply(full, rights);
    }

    /// <summary>Gives a directory its owner and rights.</summary>
    public static void Apply(string directory, string rights)
    {
        string operation = $"set the rights of {directory}";
        if (!AccountNativeMethods.ConvertStringSecurityDescriptorToSecurityDescriptorW(rights, 1, out nint descriptor, out _)) throw ServiceHandle.Refusal(operation);
        try
        {
            if (!AccountNativeMethods.GetSecurityDescriptorDacl(descriptor, out _, out nint list, out _)) throw ServiceHandle.Refusal(operation);
            if (!AccountNativeMethods.GetSecurityDescriptorOwner(descriptor, out nint owner, out _)) throw ServiceHandle.Refusal(operation);
            uint code = AccountNativeMethods.SetNamedSecurityInfoW(directory, AccountNativeMethods.FileObject, AccountNativeMethods.Owner | AccountNativeMethods.ProtectedRights, owner, 0, list, 0);
            if (code != 0) throw ServiceHandle.Refusal(operation, (int)code);
        }
        finally
        {
            Marshal.FreeHGlobal(descriptor);
        }
    }
}
