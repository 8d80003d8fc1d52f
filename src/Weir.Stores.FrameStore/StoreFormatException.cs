namespace Weir.Stores.FrameStore;

/// <summary>A file of the store cannot be used. The message says which, why, and what to do.</summary>
public sealed class StoreFormatException : IOException
{
    private StoreFormatException(string path, string message)
        : base(message) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    internal static StoreFormatException Damaged(string path) =>
        new(path, $"{path} is damaged: restore it from a copy of the data directory, or move the data directory away to start empty");

    internal static StoreFormatException Missing(string path) =>
        new(path, $"{path} is missing while the log beside it has been truncated: restore it from a copy, or move the data directory away to start empty");

    internal static StoreFormatException Newer(string path, int version, int known) =>
        new(path, $"{path} has format {version}, this program knows up to {known}: run the newer version that wrote it");
}
