using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Weir.Log;

/// <summary>The file system of the machine.</summary>
/// <remarks>Files are made readable by their owner only. <c>docs/formats/log.md</c> states what durable means per system.</remarks>
public sealed partial class PhysicalFileSystem : IFileSystem
{
    private const UnixFileMode OwnerOnlyDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int NoSpace = 28;
    private const int OverQuota = 122;
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        string full = Path.GetFullPath(path);
        string? parent = Path.GetDirectoryName(full);
        if (parent is not null) CreateDirectory(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(full);
        else Directory.CreateDirectory(full, OwnerOnlyDirectory);
        if (parent is not null) SyncDirectory(parent);
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory) => [.. Directory.EnumerateFiles(directory).Select(Path.GetFileName).OfType<string>()];

    /// <inheritdoc/>
    public bool FileExists(string path) => File.Exists(path);

    /// <inheritdoc/>
    public IFile Create(string path) => new PhysicalFile(OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite));

    /// <inheritdoc/>
    public IFile Open(string path, bool write) => new PhysicalFile(OpenHandle(path, FileMode.Open, write ? FileAccess.ReadWrite : FileAccess.Read));

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        // NTFS journals names: a flushed file's name is durable with it, and there is no handle to flush a directory by.
        if (OperatingSystem.IsWindows()) return;
        int descriptor = OpenDescriptor(path, 0);
        if (descriptor < 0) throw new IOException($"cannot open the directory {path} to sync it (errno {Marshal.GetLastPInvokeError()})");
        int result = FSync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0) throw new IOException($"cannot sync the directory {path} (errno {error})");
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path) => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static SafeFileHandle OpenHandle(string path, FileMode mode, FileAccess access)
    {
        const FileShare Share = FileShare.ReadWrite | FileShare.Delete;
        SafeFileHandle handle = File.OpenHandle(path, mode, access, Share);
        if (mode == FileMode.CreateNew && !OperatingSystem.IsWindows()) File.SetUnixFileMode(handle, OwnerOnlyFile);
        return handle;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int FAllocate(SafeFileHandle file, long offset, long length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    private sealed class PhysicalFile(SafeFileHandle handle) : IFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> target)
        {
            int done = 0;
            while (done < target.Length)
            {
                int read = RandomAccess.Read(handle, target[done..], offset + done);
                if (read == 0) break;
                done += read;
            }

            return done;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void Allocate(long length)
        {
            // NTFS takes the clusters with the length.
            if (OperatingSystem.IsWindows() || FAllocate(handle, 0, length) is not (var error and not 0)) SetLength(length);
            else if (error is NoSpace or OverQuota) throw new IOException($"no room for {length} bytes", error);
            else Fill(length);
        }

        public void Flush() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();

        // For file systems that cannot allocate. Not zeros: some would not store them.
        private void Fill(long length)
        {
            var bytes = new byte[64 * 1024];
            new Random(1).NextBytes(bytes);
            for (long at = 0; at < length; at += bytes.Length) Write(at, bytes.AsSpan(0, (int)Math.Min(bytes.Length, length - at)));
        }
    }
}
