using System.Runtime.InteropServices;
using Weir.Frames;

namespace Weir.TestKit.Segments;

/// <summary>Keeps the segment files of a directory tree by second links, so that what is damaged or unlinked later can still be read. Linux.</summary>
/// <remarks>A link shares the file's bytes, those appended later among them. Not thread-safe.</remarks>
/// <param name="source">The tree.</param>
/// <param name="archive">Where the links are made, on the same file system, and whoever deletes a segment may move it instead: random, dash, its path with underscores.</param>
public sealed partial class SegmentArchive(string source, string archive)
{
    private const int PrefixCharacters = 33;

    private readonly Dictionary<string, string> _kept = [];

    /// <summary>The folder of the links.</summary>
    public string Folder => archive;

    /// <summary>Links what is new.</summary>
    public void Keep()
    {
        if (!Directory.Exists(source)) return;
        Directory.CreateDirectory(archive);
        foreach (string path in Directory.EnumerateFiles(source, "*.seg", SearchOption.AllDirectories))
        {
            string link = Path.Combine(archive, $"{Guid.NewGuid():N}-{Path.GetRelativePath(source, path).Replace('/', '_')}");
            if (!IsKept(path) && Link(path, link) == 0) _kept[path] = link;
        }
    }

    /// <summary>Changes a segment file; the archive keeps it as it was and what follows as a file of its own.</summary>
    public void Change(string path, Action<string> change)
    {
        Keep();
        string draft = path + ".changed";
        File.Copy(path, draft);
        change(draft);
        File.Move(draft, path, overwrite: true);
        _kept.Remove(path);
        Keep();
    }

    /// <summary>All entries that any segment ever held, each once for every place where it stands.</summary>
    public IEnumerable<SegmentItem> Read()
    {
        Keep();
        if (!Directory.Exists(archive)) yield break;
        var places = new HashSet<(string, long, uint)>();
        foreach (string link in Directory.EnumerateFiles(archive))
        {
            string segment = Path.GetFileName(link)[PrefixCharacters..];
            foreach (SegmentItem item in SegmentFile.Read(link))
                if (places.Add((segment, item.Offset, Crc32C.Compute(item.Payload)))) yield return item;
        }
    }

    // A segment that was removed at a recovery is made anew under its name: then the lengths differ, at the latest when it is written to.
    private bool IsKept(string path) => _kept.TryGetValue(path, out string? link) && new FileInfo(path) is { Exists: true } file && file.Length == new FileInfo(link).Length;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
