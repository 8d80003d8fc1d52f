using Weir.Log;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>A file system that fails when it is told to: what is called before each step throws.</summary>
internal sealed class FaultyFiles(IFileSystem inner) : IFileSystem
{
    /// <summary>Called before a file is opened.</summary>
    public Action<string> BeforeOpen { get; set; } = static _ => { };

    /// <summary>Called before a file is read.</summary>
    public Action<string> BeforeRead { get; set; } = static _ => { };

    /// <summary>Called before a file is made.</summary>
    public Action<string> BeforeCreate { get; set; } = static _ => { };

    /// <summary>Called before a file is unlinked.</summary>
    public Action<string> BeforeDelete { get; set; } = static _ => { };

    /// <summary>Called before the names in a directory are made durable.</summary>
    public Action<string> BeforeSync { get; set; } = static _ => { };

    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    public bool DirectoryExists(string path) => inner.DirectoryExists(path);

    public IReadOnlyList<string> ListFiles(string directory) => inner.ListFiles(directory);

    public bool FileExists(string path) => inner.FileExists(path);

    public IFile Create(string path)
    {
        BeforeCreate(path);
        return new FaultyFile(this, path, inner.Create(path));
    }

    public IFile Open(string path, bool write)
    {
        BeforeOpen(path);
        return new FaultyFile(this, path, inner.Open(path, write));
    }

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path)
    {
        BeforeDelete(path);
        inner.Delete(path);
    }

    public void SyncDirectory(string path)
    {
        BeforeSync(path);
        inner.SyncDirectory(path);
    }

    public IDisposable Lock(string path) => inner.Lock(path);

    private sealed class FaultyFile(FaultyFiles owner, string path, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> target)
        {
            owner.BeforeRead(path);
            return file.Read(offset, target);
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => file.Write(offset, bytes);

        public void SetLength(long length) => file.SetLength(length);

        public void Allocate(long length) => file.Allocate(length);

        public void Flush() => file.Flush();

        public void Dispose() => file.Dispose();
    }
}
