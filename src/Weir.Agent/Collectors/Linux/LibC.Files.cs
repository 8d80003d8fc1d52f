using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Directories, and files relative to them.</summary>
internal static unsafe partial class LibC
{
    /// <summary>errno: no such file.</summary>
    public const int ENoEnt = 2;

    /// <summary>errno: permission denied.</summary>
    public const int EAcces = 13;

    /// <summary>errno: operation not permitted.</summary>
    public const int EPerm = 1;

    /// <summary>errno: file too large.</summary>
    public const int EFBig = 27;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(int directory, byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(int directory, byte* path, byte* buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenDir(string path);

    [LibraryImport("libc", EntryPoint = "dirfd")]
    public static partial int DirFd(nint directory);

    [LibraryImport("libc", EntryPoint = "readdir")]
    public static partial DirectoryEntry* ReadDir(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir")]
    public static partial int CloseDir(nint directory);

    /// <summary>struct dirent.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct DirectoryEntry
    {
        public ulong Inode;
        public long Offset;
        public ushort Length;
        public byte Type;
        public fixed byte Name[256];
    }
}
