using System.Runtime.InteropServices;

namespace Weir.Scenarios.Disks;

/// <summary>A file system of a few megabytes that a test can fill.</summary>
internal sealed partial class SmallDisk : IDisposable
{
    private const string Filler = "filler";
    private const int DetachWhenIdle = 2;

    private SmallDisk(string path) => Root = path;

    /// <summary>Where it is mounted.</summary>
    public string Root { get; }

    /// <summary>Mounts one; skips the test where that is not allowed.</summary>
    public static SmallDisk Mount(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a small disk is a tmpfs: this needs Linux");
        string path = Directory.CreateTempSubdirectory("weir-disk-").FullName;
        int result = MountFileSystem("tmpfs", path, "tmpfs", 0, $"size={megabytes}m,mode=700");
        int error = Marshal.GetLastPInvokeError();
        if (result != 0) Directory.Delete(path);
        Assert.SkipUnless(result == 0, $"a tmpfs cannot be mounted (errno {error}): run as root, or in a namespace that may mount");
        return new SmallDisk(path);
    }

    /// <summary>Takes all that is free.</summary>
    public void Fill()
    {
        using var file = new FileStream(Path.Combine(Root, Filler), FileMode.Append, FileAccess.Write);
        var bytes = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(bytes);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Path.Combine(Root, Filler));

    public void Dispose()
    {
        _ = Unmount(Root, DetachWhenIdle);
        Directory.Delete(Root);
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountFileSystem(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
