using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Uplinks;

/// <summary>Goes through the spool in order and looks one entry ahead. Steps over what was unlinked beneath it. Not thread-safe.</summary>
internal sealed class SpoolCursor(AgentStore store, long from, long end) : IDisposable
{
    private LogReader _reader = store.OpenReader(from);
    private SpooledEntry? _current;

    /// <summary>Where the next entry stands, or will stand.</summary>
    public long Position => _current?.Position ?? _reader.Position;

    /// <summary>Entries from here on are not for this cursor.</summary>
    public long End { get; set; } = end;

    /// <summary>Whether the disk does not give what comes next: it is tried again with the next look.</summary>
    public bool IsHeldUp { get; private set; }

    /// <summary>The next entry.</summary>
    /// <returns>False at <see cref="End"/>, at the end of the spool, or where <see cref="IsHeldUp"/>; there may be more later.</returns>
    public bool TryPeek(out SpooledEntry entry)
    {
        while (_current is null && TryStep())
        {
        }

        entry = _current.GetValueOrDefault();
        return _current is not null && entry.Position < Math.Min(End, store.End);
    }

    /// <summary>Steps over the peeked entry.</summary>
    public void Skip() => _current = null;

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool TryStep()
    {
        if (_reader.Position < store.Start)
        {
            _reader.Dispose();
            _reader = store.OpenReader(store.Start);
        }

        if (_reader.Position >= End) return false;
        long before = _reader.Position, skipped = _reader.SkippedBytes;
        if (!TryRead(out LogEntry item, out bool found)) return false;
        if (_reader.SkippedBytes > skipped) store.ReportDamage(before, found ? item.Position : _reader.Position);
        if (!found) return false;
        if (SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header))
            _current = new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength);
        return true;
    }

    private bool TryRead(out LogEntry item, out bool found)
    {
        try
        {
            found = _reader.TryRead(out item);
            IsHeldUp = false;
        }
        catch (LogException e) when (e.Error == LogError.ReadFailed)
        {
            (item, found, IsHeldUp) = (default, false, true);
            store.NotGiven(e);
        }

        return !IsHeldUp;
    }
}
