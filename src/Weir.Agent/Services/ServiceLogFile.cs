using System.Text;

namespace Weir.Agent.Services;

/// <summary>The files of a <see cref="ServiceLog"/>: the newest lines in <c>weir-agent.log</c>, those before in <c>weir-agent.1.log</c>.</summary>
/// <remarks>
/// Two files of at most 4 MiB each, opened with the first line. While the former one cannot be replaced (somebody holds it) the present one goes on to twice that, and then begins anew: no new
/// line is lost, and the room stays bounded. One thread writes; lines are with the system when <see cref="TryWrite"/> returns.
/// </remarks>
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
        var mode = FileMode.Append;
        if (_file is not null && _file.Length > 0 && _file.Length + bytes > maxBytes)
        {
            bool isTooLong = _file.Length + bytes > 2 * maxBytes;
            _file.Dispose();
            _file = null;
            if (!TryRetire(path) && isTooLong) mode = FileMode.Create;
        }

        if (_file is not null) return _file;
        Directory.CreateDirectory(directory);
        return _file = new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    private bool TryRetire(string path)
    {
        try
        {
            File.Move(path, Path.Combine(directory, FormerName), overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
