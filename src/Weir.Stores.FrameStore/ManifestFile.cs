using Weir.Contracts;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>Keeps a partition's manifest: reads it at start, replaces it in one step.</summary>
/// <remarks>
/// After a crash there is the old one or the new one, never a mixture. Used by the partition's writer alone.
/// </remarks>
internal sealed class ManifestFile
{
    private const int MaxBytes = 1 << 30;

    private readonly IFileSystem _files;
    private readonly string _directory;

    private ManifestFile(IFileSystem files, string directory, Manifest current)
    {
        _files = files;
        _directory = directory;
        Current = current;
    }

    /// <summary>The manifest in force.</summary>
    public Manifest Current { get; private set; }

    /// <summary>Reads a partition's manifest, or makes its first.</summary>
    /// <exception cref="StoreFormatException">Damaged, newer, or missing although the log has been truncated.</exception>
    public static ManifestFile Open(IFileSystem files, string directory, SegmentLog live, SegmentLog backfill)
    {
        files.CreateDirectory(directory);
        string path = Path.Combine(directory, Manifest.FileName);
        if (files.FileExists(path)) return new ManifestFile(files, directory, Read(files, path));
        if (live.Start > 0 || backfill.Start > 0) throw StoreFormatException.Missing(path);
        var first = new ManifestFile(files, directory, new Manifest(0, new StoreProgress(default, default)));
        first.Replace(first.Current.Progress);
        return first;
    }

    /// <summary>Makes a new progress durable.</summary>
    public void Replace(StoreProgress progress)
    {
        var next = new Manifest(Current.Number + 1, progress);
        _files.Replace(_directory, Manifest.FileName, next.Encode());
        Current = next;
    }

    private static Manifest Read(IFileSystem files, string path)
    {
        using IFile file = files.Open(path, write: false);
        if (file.Length > MaxBytes) throw StoreFormatException.Damaged(path);
        var bytes = new byte[file.Length];
        return file.Read(0, bytes) == bytes.Length ? Manifest.Decode(bytes, path) : throw StoreFormatException.Damaged(path);
    }
}
