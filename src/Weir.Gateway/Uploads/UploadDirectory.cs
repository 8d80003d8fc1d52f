using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>The uploads of a data directory, for commands.</summary>
public static class UploadDirectory
{
    /// <summary>Reads what there is, newest first, and changes nothing: a server may be running.</summary>
    /// <param name="files">Where the directory is.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="complain">Receives the path of each state that cannot be read, and why.</param>
    public static IReadOnlyList<UploadInfo> List(IFileSystem files, string directory, Action<string, string> complain)
    {
        if (!files.DirectoryExists(directory)) return [];
        var found = new List<UploadInfo>();
        foreach (string name in files.ListFiles(directory).Where(static name => name.EndsWith(UploadStore.StateSuffix, StringComparison.Ordinal)))
        {
            string path = Path.Combine(directory, name), id = name[..^UploadStore.StateSuffix.Length];
            try
            {
                UploadStateFile.Open(files, path, out UploadState? state, out string? problem);
                if (state is null) complain(path, problem ?? "a newer version wrote it");
                else found.Add(InfoOf(id, state, Path.Combine(directory, UploadStore.DataName(id))));
            }
            catch (FileNotFoundException)
            {
                // Given up by the server meanwhile.
            }
        }

        return [.. found.OrderByDescending(static upload => upload.Touched)];
    }

    /// <summary>Gives up what has been abandoned, and finished files that were kept long enough. No server may be running.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> CollectAsync(IFileSystem files, string directory, UploadOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using UploadStore store = UploadStore.Open(files, directory, options, time, NullLogger.Instance);
        return await store.CollectAsync(cancellationToken);
    }

    private static UploadInfo InfoOf(string id, UploadState state, string path) => new(
        id, state.Owner.Agent, state.Claim.Kind, state.Claim.FileSize, state.ChunkCount, state.Missing, state.IsCommitted, DateTimeOffset.FromUnixTimeMilliseconds(state.TouchedMs),
        state.Claim.FileHash.ToString(), path);
}
