namespace Weir.FaultHost.Files;

/// <summary>Takes segments out of a tree instead of having them deleted, so that an oracle can still read them.</summary>
/// <param name="root">The tree: its other files, and those outside, are deleted as ever.</param>
/// <param name="directory">Where they go, on the same file system; null: nowhere.</param>
internal sealed class SegmentKeeper(string root, string? directory)
{
    /// <summary>Takes a file in one step, as deleting it is one.</summary>
    /// <returns>False where it is not kept.</returns>
    public bool TryTake(string path)
    {
        string name = Path.GetRelativePath(root, path);
        if (directory is null || name.StartsWith("..", StringComparison.Ordinal) || !name.EndsWith(".seg", StringComparison.Ordinal)) return false;
        Directory.CreateDirectory(directory);
        File.Move(path, Path.Combine(directory, $"{Guid.NewGuid():N}-{name.Replace('/', '_')}"));
        return true;
    }
}
