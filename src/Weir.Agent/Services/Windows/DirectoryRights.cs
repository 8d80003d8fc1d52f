using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Weir.Agent.Identity;

namespace Weir.Agent.Services.Windows;

/// <summary>The rights on a directory that belongs to a service: it, the system and administrators, nobody else.</summary>
[SupportedOSPlatform("windows")]
internal static class DirectoryRights
{
    private const string Administrators = "BA";
    private const string System = "SY";
    private const string SystemSid = "S-1-5-18";
    private const string AdministratorsSid = "S-1-5-32-544";

    /// <summary>The rights in the system's own notation: nothing is inherited from above; files within inherit these.</summary>
    public static string For(string serviceSid) => $"O:{Administrators}D:P(A;OICI;FA;;;{System})(A;OICI;FA;;;{Administrators})(A;OICI;0x1301bf;;;{serviceSid})";

    /// <summary>The directories that get the rights for a data directory, in order; those that do not exist are made first.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="owned">A directory above it that is this program's own, and gets the rights also where it exists.</param>
    /// <remarks>
    /// The directory above where it is made here, or our own: everybody may make directories in ProgramData, and who owns one may put another in the place of what is in it. And the identity
    /// below: one that an administrator's <c>enroll</c> made is closed for the service.
    /// </remarks>
    public static IReadOnlyList<string> Of(string directory, string owned)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), identity = AgentIdentity.FolderOf(full);
        var found = new List<string>();
        if (Path.GetDirectoryName(full) is { } parent && (parent.Equals(owned, StringComparison.OrdinalIgnoreCase) || !Directory.Exists(parent))) found.Add(parent);
        found.Add(full);
        if (Directory.Exists(identity)) found.Add(identity);
        return found;
    }

    /// <summary>Makes a directory with its owner and rights, or gives them to one that is there.</summary>
    /// <exception cref="IOException">It is a link to another place, so that rights would be changed elsewhere; or who owns the directory above could put another in its place.</exception>
    public static void Create(string directory, string rights)
    {
        if (Path.GetDirectoryName(directory) is { } parent && Directory.Exists(parent))
        {
            RefuseLink(parent);
            using var user = WindowsIdentity.GetCurrent();
            string owner = OwnerOf(parent);
            if (!IsTrusted(owner, user.User?.Value))
            {
                throw new IOException(
                    $"{parent} belongs to {owner}, who could put another directory in the place of {directory}: name another one with --data, or give it to Administrators (icacls \"{parent}\" /setowner *{AdministratorsSid})");
            }
        }

        RefuseLink(directory);
        Directory.CreateDirectory(directory);
        Apply(directory, rights);
    }

    /// <summary>Whether an owner can do nothing that he may not do anyway: the system, administrators, Windows' own installer, and who runs this.</summary>
    internal static bool IsTrusted(string owner, string? self) => owner is SystemSid or AdministratorsSid || owner == ServiceSid.Of("TrustedInstaller") || owner == self;

    private static void RefuseLink(string directory)
    {
        if (Directory.Exists(directory) && File.GetAttributes(directory).HasFlag(FileAttributes.ReparsePoint)) throw new IOException($"{directory} is a link to another place: remove it, or name another directory with --data");
    }

    private static string OwnerOf(string directory) =>
        new DirectoryInfo(directory).GetAccessControl(AccessControlSections.Owner).GetOwner(typeof(SecurityIdentifier))?.Value ?? "nobody";

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
