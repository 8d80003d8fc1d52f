using System.Text;

namespace Weir.Agent.Services;

/// <summary>The files of a <see cref="ServiceLog"/>: the newest lines in <c>weir-agent.log</c>, those before in <c>weir-agent.1.log</c>.</summary>
/// <remarks>Two files of at most 4 MiB each, opened with the first line. One thread writes; lines are with the system when <see cref="TryWrite"/> returns.</remarks>
/// <param name="directory">Where; made where it does not exist.</param>
/// <param name="maxBytes">Most bytes of a file.</param>
internal sealed class ServiceLogFile(string directory, long maxBytes = 4 << 20) : IDisposable
{
    /// <summary>Name of the present file.</summary>
    public const string Name = "weir-agent.log";

    /// <summary>Name of the file before.</summary>
    public const string FormerName = "weir-agent.1.log";

    private FileStream? _file;

    /// <summary>Writes a line or several; false where the disk does not take them.</summary>
    public bool TryWrite(string lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($"{lines}\n");
        try
        {
            FileStream file = FileFor(bytes.Length);
            file.Write(bytes);
            file.Flush();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private FileStream FileFor(int bytes)
    {
        string path = Path.Combine(directory, Name);
        if (_file is not null && _file.Length > 0 && _file.Length + bytes > maxBytes)
        {
            _file.Dispose();
            _file = null;
            File.Move(path, Path.Combine(directory, FormerName), overwrite: true);
        }

        if (_file is not null) return _file;
        Directory.CreateDirectory(directory);
        return _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }
}
