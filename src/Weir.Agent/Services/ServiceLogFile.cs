using System.Globalization;
using System.Text;

namespace Weir.Agent.Services;

/// <summary>The log of an agent that has no console: lines with their time in <c>weir-agent.log</c>, the ones before in <c>weir-agent.1.log</c>.</summary>
/// <remarks>
/// Two files of at most 4 MiB each. Any thread; a line is written at once. A line that the disk does not take is dropped, and the next one that it takes says how many were:
/// a log must not bring down what it tells of.
/// </remarks>
internal sealed class ServiceLogFile : TextWriter
{
    /// <summary>Name of the present file.</summary>
    public const string Name = "weir-agent.log";

    /// <summary>Name of the file before.</summary>
    public const string FormerName = "weir-agent.1.log";

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly StringBuilder _line = new();
    private FileStream? _file;
    private long _dropped;

    /// <summary>Makes a log; files are opened with the first line.</summary>
    /// <param name="directory">Where; made where it does not exist.</param>
    /// <param name="time">The clock.</param>
    /// <param name="maxBytes">Most bytes of a file.</param>
    public ServiceLogFile(string directory, TimeProvider time, long maxBytes = 4 << 20) : base(CultureInfo.InvariantCulture)
    {
        _directory = directory;
        _time = time;
        _maxBytes = maxBytes;
    }

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        lock (_lock)
        {
            if (value == '\n') EndLine();
            else if (value != '\r') _line.Append(value);
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        lock (_lock)
        {
            _line.Append(value);
            EndLine();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (_lock)
            {
                if (_line.Length > 0) EndLine();
                _file?.Dispose();
                _file = null;
            }
        }

        base.Dispose(disposing);
    }

    private void EndLine()
    {
        string time = _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        string hidden = _dropped > 0 ? string.Create(CultureInfo.InvariantCulture, $"{time} {_dropped} lines could not be written here\n") : "";
        byte[] bytes = Encoding.UTF8.GetBytes($"{hidden}{time} {_line}\n");
        _line.Clear();
        try
        {
            FileStream file = FileFor(bytes.Length);
            file.Write(bytes);
            file.Flush();
            _dropped = 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _dropped++;
        }
    }

    private FileStream FileFor(int bytes)
    {
        string path = Path.Combine(_directory, Name);
        if (_file is not null && _file.Length > 0 && _file.Length + bytes > _maxBytes)
        {
            _file.Dispose();
            _file = null;
            File.Move(path, Path.Combine(_directory, FormerName), overwrite: true);
        }

        if (_file is not null) return _file;
        Directory.CreateDirectory(_directory);
        return _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }
}
