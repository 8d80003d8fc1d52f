using Weir.Log;

namespace Weir.FaultHost.Files;

/// <summary>A file whose writes reach the disk with <see cref="Flush"/> and not before.</summary>
/// <remarks>Bounded by what its writer leaves unflushed: a block of the log, or a part of the store.</remarks>
internal sealed class UnsyncedFile(IFile file) : IFile
{
    private readonly Lock _lock = new();
    private readonly List<(long Offset, byte[] Bytes)> _unsynced = [];

    public long Length
    {
        get
        {
            lock (_lock) return Math.Max(file.Length, _unsynced.Count == 0 ? 0 : _unsynced.Max(static write => write.Offset + write.Bytes.Length));
        }
    }

    public int Read(long offset, Span<byte> target)
    {
        lock (_lock)
        {
            int read = file.Read(offset, target);
            foreach ((long at, byte[] bytes) in _unsynced)
            {
                long from = Math.Max(at, offset), to = Math.Min(at + bytes.Length, offset + target.Length);
                if (from >= to) continue;
                bytes.AsSpan((int)(from - at), (int)(to - from)).CopyTo(target[(int)(from - offset)..]);
                read = Math.Max(read, (int)(to - offset));
            }

            return read;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_lock) _unsynced.Add((offset, bytes.ToArray()));
    }

    public void SetLength(long length)
    {
        lock (_lock)
        {
            WriteThrough();
            file.SetLength(length);
        }
    }

    public void Allocate(long length)
    {
        lock (_lock)
        {
            WriteThrough();
            file.Allocate(length);
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            WriteThrough();
            file.Flush();
        }
    }

    public void Dispose()
    {
        // Closing writes nothing to the disk, yet another handle sees it: the kernel would have it in memory.
        lock (_lock) WriteThrough();
        file.Dispose();
    }

    private void WriteThrough()
    {
        foreach ((long offset, byte[] bytes) in _unsynced) file.Write(offset, bytes);
        _unsynced.Clear();
    }
}
