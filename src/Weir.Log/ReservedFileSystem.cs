namespace Weir.Log;

/// <summary>A file system whose writes may use a <see cref="DiskReserve"/>: a step that finds the disk full gives it up and is done once more.</summary>
/// <remarks>For what must be written although the disk is full. Logs take care of it themselves: their appends must not use it up. A failed flush is never repeated.</remarks>
public sealed class ReservedFileSystem(IFileSystem inner, DiskReserve reserve) : IFileSystem
{
    /// <inheritdoc/>
    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => inner.DirectoryExists(path);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory) => inner.ListFiles(directory);

    /// <inheritdoc/>
    public bool FileExists(string path) => inner.FileExists(path);

    /// <inheritdoc/>
    public IFile Create(string path)
    {
        try
        {
            return new ReservedFile(inner.Create(path), reserve);
        }
        catch (IOException e) when (DiskFull.Is(e) && reserve.TryGiveUp())
        {
            return new ReservedFile(inner.Create(path), reserve);
        }
    }

    /// <inheritdoc/>
    public IFile Open(string path, bool write) => write ? new ReservedFile(inner.Open(path, write), reserve) : inner.Open(path, write);

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        try
        {
            inner.Rename(from, to);
        }
        catch (IOException e) when (DiskFull.Is(e) && reserve.TryGiveUp())
        {
            inner.Rename(from, to);
        }
    }

    /// <inheritdoc/>
    public void Delete(string path) => inner.Delete(path);

    /// <inheritdoc/>
    public void SyncDirectory(string path) => inner.SyncDirectory(path);

    /// <inheritdoc/>
    public IDisposable Lock(string path) => inner.Lock(path);

    private sealed class ReservedFile(IFile inner, DiskReserve reserve) : IFile
    {
        public long Length => inner.Length;

        public int Read(long offset, Span<byte> target) => inner.Read(offset, target);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                inner.Write(offset, bytes);
            }
            catch (IOException e) when (DiskFull.Is(e) && reserve.TryGiveUp())
            {
                inner.Write(offset, bytes);
            }
        }

        public void SetLength(long length) => inner.SetLength(length);

        public void Allocate(long length) => inner.Allocate(length);

        public void Flush() => inner.Flush();

        public void Dispose() => inner.Dispose();
    }
}
