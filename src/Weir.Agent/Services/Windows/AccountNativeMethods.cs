using System.Runtime.InteropServices;

namespace Weir.Agent.Services.Windows;

/// <summary>The calls for accounts, groups and rights on files.</summary>
internal static unsafe partial class AccountNativeMethods
{
    /// <summary>SE_FILE_OBJECT.</summary>
    public const int FileObject = 1;

    /// <summary>OWNER_SECURITY_INFORMATION.</summary>
    public const uint Owner = 0x1;

    /// <summary>DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION.</summary>
    public const uint ProtectedRights = 0x4 | 0x8000_0000;

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ConvertStringSidToSidW(string text, out nint sid);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool LookupAccountSidW(char* system, nint sid, char* name, ref uint nameLength, char* domain, ref uint domainLength, out int use);

    [LibraryImport("netapi32.dll", StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint NetLocalGroupAddMembers(string? server, string group, uint level, nint* members, uint count);

    [LibraryImport("netapi32.dll", StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint NetLocalGroupDelMembers(string? server, string group, uint level, nint* members, uint count);

    [LibraryImport("advapi32.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ConvertStringSecurityDescriptorToSecurityDescriptorW(string text, uint revision, out nint descriptor, out uint length);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetSecurityDescriptorDacl(nint descriptor, [MarshalAs(UnmanagedType.Bool)] out bool isPresent, out nint rights, [MarshalAs(UnmanagedType.Bool)] out bool isDefault);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetSecurityDescriptorOwner(nint descriptor, out nint owner, [MarshalAs(UnmanagedType.Bool)] out bool isDefault);

    [LibraryImport("advapi32.dll", StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint SetNamedSecurityInfoW(string path, int kind, uint what, nint owner, nint group, nint rights, nint audit);
}
