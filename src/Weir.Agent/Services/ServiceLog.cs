using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Weir.Agent.Services;

/// <summary>The log of an agent that has no console: lines with their time, written one after the other by a thread of its own.</summary>
/// <remarks>
/// Any thread writes, and none waits for the disk. At most <see cref="MaxLines"/> lines wait; what comes beyond is dropped, and so is a line that is not taken: the next one behind
/// them that is, or the end, says how many were. A log must not hold up, nor bring down, what it tells of. Disposing writes what waits, for at most <see cref="EndLimit"/>.
/// </remarks>
internal sealed class ServiceLog : TextWriter
{
    /// <summary>Most lines that wait: what an agent says in a bad minute, some 200 KiB.</summary>
    public const int MaxLines = 1000;

    /// <summary>How long the end waits for the last lines.</summary>
    public static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly Func<string, bool> _write;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly StringBuilder _line = new();
    private readonly BlockingCollection<Line> _waiting = new(MaxLines);
    private readonly Thread _thread;
    private bool _hasEnded;
    // Since the last line that was taken to wait.
    private long _dropped;

    /// <summary>Makes a log.</summary>
    /// <param name="write">Writes a line or several, without the end of the last; false, or an exception, where it is not taken. Called by one thread.</param>
    /// <param name="time">The clock.</param>
    public ServiceLog(Func<string, bool> write, TimeProvider time) : base(CultureInfo.InvariantCulture)
    {
        _write = write;
        _time = time;
        _thread = new Thread(WriteWaiting) { IsBackground = true, Name = "weir-log" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        lock (_gate)
        {
            if (value == '\n') EndLine();
            else if (value != '\r') _line.Append(value);
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        lock (_gate)
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
            lock (_gate)
            {
                if (_hasEnded) return;
                if (_line.Length > 0) EndLine();
                _hasEnded = true;
                _waiting.CompleteAdding();
            }

            // Where the disk hangs the thread is left to it: the process ends all the same.
            if (_thread.Join(EndLimit)) _waiting.Dispose();
        }

        base.Dispose(disposing);
    }

    private void EndLine()
    {
        if (!_hasEnded && _waiting.TryAdd(new Line(Now, _line.ToString(), _dropped))) _dropped = 0;
        else _dropped++;
        _line.Clear();
    }

    private void WriteWaiting()
    {
        long dropped = 0;
        foreach (Line line in _waiting.GetConsumingEnumerable())
        {
            dropped += line.DroppedBefore;
            string text = $"{line.Time} {line.Text}";
            if (TryWrite(dropped == 0 ? text : $"{Notice(line.Time, dropped)}\n{text}")) dropped = 0;
            else dropped++;
        }

        lock (_gate) dropped += _dropped;
        if (dropped > 0) TryWrite(Notice(Now, dropped));
    }

    private bool TryWrite(string lines)
    {
        try
        {
            return _write(lines);
        }
        catch (Exception)
        {
            // Whatever a path or a disk comes up with must not end the process from a bare thread.
            return false;
        }
    }

    private static string Notice(string time, long dropped) => string.Create(CultureInfo.InvariantCulture, $"{time} {dropped} lines could not be written here");

    private string Now => _time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private readonly record struct Line(string Time, string Text, long DroppedBefore);
}
