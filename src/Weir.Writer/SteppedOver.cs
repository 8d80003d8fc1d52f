namespace Weir.Writer;

/// <summary>Positions of one class of a log in which nothing could be read, behind the store's progress. Not thread-safe.</summary>
internal sealed class SteppedOver
{
    private readonly List<(long From, long To)> _ranges = [];

    /// <summary>Adds what a reader has stepped over, in order; what follows one another becomes one.</summary>
    public void Add(IReadOnlyList<(long From, long To)> ranges)
    {
        foreach ((long from, long to) in ranges)
        {
            if (_ranges.Count > 0 && _ranges[^1].To >= from) _ranges[^1] = (_ranges[^1].From, Math.Max(_ranges[^1].To, to));
            else _ranges.Add((from, to));
        }
    }

    /// <summary>Whether a position is among them.</summary>
    public bool Contains(long position) => _ranges.Exists(range => range.From <= position && position < range.To);

    /// <summary>Whether all positions from one up to another are among them.</summary>
    public bool Covers(long from, long to) => from >= to || _ranges.Exists(range => range.From <= from && to <= range.To);

    /// <summary>Forgets what lies before a position.</summary>
    public void ForgetBefore(long position) => _ranges.RemoveAll(range => range.To <= position);
}
