using System.Collections.Concurrent;
using Weir.Log;

namespace Weir.FaultHost.Files;

/// <summary>The file system of the machine, with faults at the steps of a plan.</summary>
/// <param name="plan">The faults.</param>
/// <param name="keeper">Where deleted segments go.</param>
/// <param name="losesUnsynced">
/// Whether what a file was not flushed for stays in memory: a kill then loses it as a power cut does. Names are made, renamed and deleted at once,
/// so that a file may be there without what was written to it.
/// </param>
internal sealed class FaultFileSystem(FaultPlan plan, SegmentKeeper keeper, bool losesUnsynced) : IFileSystem
{
    // Of a segment that begins: its header, and its first block, from which on it counts.
    private const int FlushesOfAFirstBlock = 2;

    private readonly PhysicalFileSystem _files = new();
    private readonly ConcurrentDictionary<string, int> _begun = new();

    public void CreateDirectory(string path) => _files.CreateDirectory(path);

    public bool DirectoryExists(string path) => _files.DirectoryExists(path);

    public IReadOnlyList<string> ListFiles(string directory) => _files.ListFiles(directory);

    public bool FileExists(string path) => _files.FileExists(path);

    public IFile Create(string path)
    {
        IFile? made = null;
        plan.Take(path, "create", _ => made = _files.Create(path));
        _begun[path] = 0;
        return Wrap(path, made!);
    }

    public IFile Open(string path, bool write)
    {
        IFile file = _files.Open(path, write);
        return write ? Wrap(path, file) : file;
    }

    public void Rename(string from, string to) => plan.Take(to, "rename", _ => _files.Rename(from, to));

    public void Delete(string path) => plan.Take(path, "delete", _ =>
    {
        bool counted = !_begun.TryRemove(path, out int flushes) || flushes >= FlushesOfAFirstBlock;
        if (!counted || !keeper.TryTake(path)) _files.Delete(path);
    });

    public void SyncDirectory(string path) => plan.Sync(path, () => _files.SyncDirectory(path));

    public IDisposable Lock(string path) => _files.Lock(path);

    private FaultFile Wrap(string path, IFile file) => new(this, plan, path, losesUnsynced ? new UnsyncedFile(file) : file);

    private void Flushed(string path)
    {
        if (_begun.TryGetValue(path, out int flushes)) _begun[path] = flushes + 1;
    }

    private sealed class FaultFile(FaultFileSystem owner, FaultPlan plan, string path, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> target) => file.Read(offset, target);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            byte[] written = bytes.ToArray();
            plan.Take(path, "write", torn =>
            {
                file.Write(offset, torn ? written.AsSpan(0, written.Length / 2) : written);
                // Half of it has reached the disk by itself.
                if (torn) file.Flush();
            });
        }

        public void SetLength(long length) => plan.Take(path, "cut", _ => file.SetLength(length));

        public void Allocate(long length) => plan.Take(path, "write", _ => file.Allocate(length));

        public void Flush() => plan.Take(path, "flush", _ =>
        {
            file.Flush();
            owner.Flushed(path);
        });

        public void Dispose() => file.Dispose();
    }
}
