namespace Weir.Agent.Commands;

/// <summary>Makes a file that is there whole or not at all: what is left of a failure would only be in the way of the next try.</summary>
internal static class NewFile
{
    /// <summary>Makes a file, at once, so that one that cannot be written is known before it is needed.</summary>
    /// <param name="path">Where; a file that is there already is not touched.</param>
    /// <param name="write">Writes it; where it throws the file is removed.</param>
    /// <exception cref="IOException">The file is there already, or cannot be made.</exception>
    public static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        bool isWhole = false;
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        try
        {
            await using (file.ConfigureAwait(false)) await write(file).ConfigureAwait(false);
            isWhole = true;
        }
        finally
        {
            if (!isWhole) File.Delete(path);
        }
    }
}
