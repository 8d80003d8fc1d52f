namespace Weir.Log;

/// <summary>Durable operations made of several steps.</summary>
public static class FileSystemExtensions
{
    /// <summary>Gives a small file new content in one step: after a crash there is the old content or the new, never a mixture.</summary>
    /// <remarks>Written beside, flushed, renamed over, directory synced, in this order.</remarks>
    public static void Replace(this IFileSystem files, string directory, string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(directory, name), draft = path + ".new";
        if (files.FileExists(draft)) files.Delete(draft);
        using (IFile file = files.Create(draft))
        {
            file.Write(0, content);
            file.Flush();
        }

        files.Rename(draft, path);
        files.SyncDirectory(directory);
    }
}
