namespace Weir.TestKit.Processes;

/// <summary>Keeps the last 200 lines that a process wrote, for the message of a failure. Thread-safe.</summary>
internal sealed class OutputTail
{
    private const int MaxLines = 200;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();

    public void Add(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            if (_lines.Count == MaxLines) _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    public override string ToString()
    {
        lock (_gate) return string.Join('\n', _lines);
    }
}
