using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Weir.Log;

/// <summary>Rights of directories that hold keys.</summary>
public static class OwnerOnly
{
    /// <summary>Takes a directory away from everybody but its owner (on Windows also the system and administrators, and with all that is made in it).</summary>
    public static void Restrict(string directory)
    {
        if (OperatingSystem.IsWindows()) RestrictOnWindows(directory);
        else File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [SupportedOSPlatform("windows")]
    private static void RestrictOnWindows(string directory)
    {
        using WindowsIdentity user = WindowsIdentity.GetCurrent();
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        SecurityIdentifier[] allowed =
        [
            user.User!, new SecurityIdentifier(WellKnownSidType.LocalSystemSid, null), new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null),
        ];
        foreach (SecurityIdentifier who in allowed)
        {
            security.AddAccessRule(new FileSystemAccessRule(
                who, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        }

        new DirectoryInfo(directory).SetAccessControl(security);
    }
}
