using System.Numerics;
using Weir.Agent.Spooling;

namespace Weir.Agent.Uplinks;

/// <summary>Entries that are to be offered again, at once or later; read from the spool anew when their time comes.</summary>
/// <remarks>Kept as intervals, so that a gateway that puts off everything for hours costs no memory. Not thread-safe.</remarks>
internal sealed class ResendQueue(AgentStore store, TimeProvider time) : IDisposable
{
    // Delays this close together count as one, and so do those that differ by an eighth: there are never more than a few hundred, and none is cut short.
    private static readonly TimeSpan LeastGrain = TimeSpan.FromMilliseconds(100);
    private const int GrainsOfDelay = 16;

    private readonly List<(long Due, EpochRanges Entries)> _later = [];
    private readonly EpochRanges _now = new();
    private SpoolCursor? _cursor;
    private ulong _epoch;
    private bool _added;

    /// <summary>When the next entries become due, in the clock's timestamps; null where none wait.</summary>
    public long? NextDue => _later.Count == 0 ? null : _later.Min(static each => each.Due);

    /// <summary>Has entries offered again after a delay.</summary>
    public void Add(ulong epoch, ulong first, ulong last, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            AddNow(epoch, first, last);
            return;
        }

        long asked = Stamps(delay);
        long grain = Math.Max(Stamps(LeastGrain), (long)BitOperations.RoundUpToPowerOf2((ulong)(asked / GrainsOfDelay)));
        long due = (time.GetTimestamp() + asked + grain - 1) / grain * grain;
        int at = _later.FindIndex(each => each.Due == due);
        if (at < 0)
        {
            at = _later.Count;
            _later.Add((due, new EpochRanges()));
        }

        _later[at].Entries.Add(epoch, first, last);
    }

    /// <summary>An entry has been offered by another way.</summary>
    public void Forget(ulong epoch, ulong seq) => _now.Remove(epoch, seq);

    /// <summary>The next entry that is due.</summary>
    public bool TryPeek(out SpooledEntry entry)
    {
        Promote();
        while (!_now.IsEmpty)
        {
            if (_cursor is null && !TryBeginPass()) continue;
            while (_now.Has(_epoch) && _cursor!.TryPeek(out entry))
            {
                if (entry.Epoch == _epoch && _now.Contains(_epoch, entry.Seq))
                {
                    if (!store.IsSettled(_epoch, entry.Seq)) return true;
                    _now.Remove(_epoch, entry.Seq);
                }

                _cursor.Skip();
            }

            // One whose entries have all gone by another way holds up nobody.
            if (_now.Has(_epoch) && _cursor!.IsHeldUp) break;
            EndPass();
        }

        entry = default;
        return false;
    }

    /// <summary>Takes the peeked entry.</summary>
    public void Take(in SpooledEntry entry)
    {
        _now.Remove(entry.Epoch, entry.Seq);
        _cursor?.Skip();
    }

    /// <inheritdoc/>
    public void Dispose() => _cursor?.Dispose();

    private long Stamps(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private void AddNow(ulong epoch, ulong first, ulong last)
    {
        _now.Add(epoch, first, last);
        // It may stand behind the cursor: one more pass.
        if (_cursor is not null && epoch == _epoch) _added = true;
    }

    private void Promote()
    {
        if (_later.Count == 0) return;
        long now = time.GetTimestamp();
        for (int i = _later.Count - 1; i >= 0; i--)
        {
            if (_later[i].Due > now) continue;
            _now.Add(_later[i].Entries);
            if (_cursor is not null && _later[i].Entries.Has(_epoch)) _added = true;
            _later.RemoveAt(i);
        }
    }

    private bool TryBeginPass()
    {
        (_epoch, ulong first, ulong last) = _now.Any;
        if (store.SegmentOf(_epoch, first, last) is not { } start)
        {
            // Unlinked meanwhile, acked or behind a tombstone.
            _now.Remove(_epoch);
            return false;
        }

        _cursor = new SpoolCursor(store, start, store.End);
        _added = false;
        return true;
    }

    private void EndPass()
    {
        _cursor?.Dispose();
        _cursor = null;
        if (!_added) _now.Remove(_epoch);
    }
}
