namespace Weir.Log;

/// <summary>Bounds the files that a log has open for reading: beyond <see cref="Limit"/> the one opened longest ago is closed, and opened again when it is needed.</summary>
/// <remarks>Thread-safe. A drain of a large backlog passes thousands of segments; a process may have a thousand files open.</remarks>
internal sealed class SegmentHandles
{
    /// <summary>Most files open for reading.</summary>
    public const int Limit = 32;

    private readonly Lock _lock = new();
    private readonly Queue<Segment> _open = [];

    /// <summary>A segment has opened its file.</summary>
    public void Opened(Segment segment)
    {
        Segment? oldest = null;
        lock (_lock)
        {
            _open.Enqueue(segment);
            if (_open.Count > Limit) oldest = _open.Dequeue();
        }

        oldest?.Close();
    }
}
