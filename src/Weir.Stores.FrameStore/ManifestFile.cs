using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Keeps a partition's manifest: reads it at start, replaces it in one step.</summary>
/// <remarks>
/// After a crash there is the old one or the new one, never a mixture. The partition's writer and the store's upkeep both replace
/// it; one waits for the other. When a replacement fails the old one stays in force, and the file may say either: what only the new one names must not be unlinked
/// before <see cref="Settle"/>.
/// </remarks>
internal sealed class ManifestFile
{
    private const int MaxBytes = 1 << 30;

    private readonly IFileSystem _files;
    private readonly Lock _lock = new();
    private Manifest _current;
    private long _lastPart;
    private bool _isInDoubt;

    private ManifestFile(IFileSystem files, string directory, Manifest current)
    {
        _files = files;
        Directory = directory;
        _current = current;
        _lastPart = current.NextPart - 1;
    }

    /// <summary>The partition's directory.</summary>
    public string Directory { get; }

    /// <summary>The directory of its parts.</summary>
    public string PartsDirectory => Path.Combine(Directory, PartFormat.DirectoryName);

    /// <summary>The manifest in force.</summary>
    public Manifest Current => Volatile.Read(ref _current);

    /// <summary>Reads a partition's manifest, or makes its first.</summary>
    /// <exception cref="StoreFormatException">Damaged, newer, or missing although the log has been truncated.</exception>
    public static ManifestFile Open(IFileSystem files, string directory, SegmentLog live, SegmentLog backfill)
    {
        files.CreateDirectory(directory);
        files.CreateDirectory(Path.Combine(directory, PartFormat.DirectoryName));
        string path = Path.Combine(directory, Manifest.FileName);
        if (files.FileExists(path)) return new ManifestFile(files, directory, Read(files, path));
        if (live.Start > 0 || backfill.Start > 0) throw StoreFormatException.Missing(path);
        var first = new ManifestFile(files, directory, Manifest.Empty);
        first.Replace(static manifest => manifest);
        return first;
    }

    /// <summary>Makes a new manifest durable.</summary>
    /// <param name="change">Makes it from the one in force.</param>
    public void Replace(Func<Manifest, Manifest> change)
    {
        lock (_lock)
        {
            Manifest next = change(Current);
            // A seal that waited for the writer has lower numbers than what was merged meanwhile.
            next = next with { Number = Current.Number + 1, NextPart = _lastPart + 1, Parts = [.. next.Parts.OrderBy(static part => part.Number)] };
            byte[] bytes = next.Encode();
            _isInDoubt = true;
            _files.Replace(Directory, Manifest.FileName, bytes);
            _isInDoubt = false;
            Volatile.Write(ref _current, next);
        }
    }

    /// <summary>Makes certain that the file says what is in force, where the last replacement failed.</summary>
    /// <exception cref="IOException">The disk does not take it: the doubt remains.</exception>
    public void Settle()
    {
        lock (_lock)
        {
            if (_isInDoubt) Replace(static manifest => manifest);
        }
    }

    /// <summary>A number for a new part.</summary>
    public long TakePartNumber()
    {
        lock (_lock) return ++_lastPart;
    }

    /// <summary>Deletes part files that the manifest does not name, and drafts.</summary>
    /// <returns>How many.</returns>
    public int DeleteUnnamed()
    {
        int deleted = 0;
        var named = new HashSet<long>(Current.Parts.Select(static part => part.Number));
        foreach (string name in _files.ListFiles(PartsDirectory))
        {
            if (!PartFormat.IsDraft(name) && (!PartFormat.TryParseName(name, out long number) || named.Contains(number))) continue;
            _files.Delete(Path.Combine(PartsDirectory, name));
            deleted++;
        }

        if (deleted > 0) _files.SyncDirectory(PartsDirectory);
        return deleted;
    }

    private static Manifest Read(IFileSystem files, string path)
    {
        using IFile file = files.Open(path, write: false);
        if (file.Length > MaxBytes) throw StoreFormatException.Damaged(path);
        var bytes = new byte[file.Length];
        return file.Read(0, bytes) == bytes.Length ? Manifest.Decode(bytes, path) : throw StoreFormatException.Damaged(path);
    }
}
