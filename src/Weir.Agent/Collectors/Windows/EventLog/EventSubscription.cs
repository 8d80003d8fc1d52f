namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>A subscription that is asked, not called: the records stay in the log until they are taken. Of each only provider and level are rendered.</summary>
/// <remarks>
/// It knows the last record that it counted, from its start on the newest one: after an error it begins anew behind it, and what came meanwhile is counted. Where the
/// log gave up records in between, by their numbers, these are missed. A batch whose records are too large for one answer (error 1734) is asked for again with half as many; a
/// record that even alone is refused is passed over, and missed. A batch is marked before it is counted: where that fails nothing of it is, and it is read again.
/// A subscription that has ceased to work answers as one of a channel without new records: where nothing has come for <see cref="Quiet"/> the log itself is asked, and one that has newer
/// records than were counted is subscribed to anew.
/// </remarks>
internal sealed class EventSubscription(string channel, TimeProvider time) : IEventSubscription
{
    /// <summary>How long nothing comes before the log is asked.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(5);

    private long _heardAt = time.GetTimestamp();
    private EventResults? _results;
    private EventRendering? _rendering;
    private EventBookmark? _last;
    private long? _gapBehind;
    private bool _hasBegun;

    /// <inheritdoc/>
    public long Missed { get; private set; }

    /// <inheritdoc/>
    public void Take(EventTally tally, int number, int most)
    {
        try
        {
            TakeBatches(tally, number, most);
        }
        catch
        {
            // What was handed out and not counted is handed out anew.
            Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _rendering?.Dispose();
        _last?.Dispose();
    }

    private void TakeBatches(EventTally tally, int number, int most)
    {
        int batch = EventResults.MaxBatch;
        for (int taken = 0; taken < most;)
        {
            _results ??= Open();
            // One alone shows by its number whether the log has lost any before it.
            int asked = Math.Min(_gapBehind is null ? batch : 1, most - taken), error = _results.Next(asked, out ReadOnlySpan<nint> records);
            if (error != 0)
            {
                SourceException failure = _results.FailureOf(error);
                Close();
                if (error != Wevtapi.InvalidBound) throw failure;
                if (asked == 1 && !TryPassOver()) throw failure;
                if (asked == 1) taken++;
                batch = Math.Max(1, asked / 2);
                continue;
            }

            if (records.IsEmpty)
            {
                if (!IsDeaf()) return;
                Close();
                continue;
            }

            _heardAt = time.GetTimestamp();
            taken += records.Length;
            Count(tally, number, records);
        }
    }

    private EventResults Open()
    {
        if (!_hasBegun)
        {
            _last = Newest();
            _hasBegun = true;
        }
        else
        {
            _gapBehind = _last?.Number();
        }

        return EventResults.Behind(channel, _last);
    }

    private bool IsDeaf()
    {
        if (time.GetElapsedTime(_heardAt) < Quiet) return false;
        _heardAt = time.GetTimestamp();
        try
        {
            return (_last is null ? 0 : _last.Number()) < EventNumbers.Of(channel).Newest;
        }
        catch (SourceException)
        {
            // A log that cannot be asked says nothing against the subscription.
            return false;
        }
    }

    private EventBookmark? Newest()
    {
        using var newest = EventResults.Newest(channel);
        int error = newest.Next(1, out ReadOnlySpan<nint> records);
        // One that is not handed out has a number all the same.
        if (error == Wevtapi.InvalidBound) return EventBookmark.At(channel, EventNumbers.Of(channel).Newest);
        if (error != 0) throw newest.FailureOf(error);
        return records.IsEmpty ? null : EventBookmark.Of(channel, records[0]);
    }

    private void Close()
    {
        _results?.Dispose();
        _results = null;
    }

    private bool TryPassOver()
    {
        // The first record of a channel that was empty is the oldest that it has.
        if ((_last is null ? EventBookmark.At(channel, EventNumbers.Of(channel).Oldest) : _last.Next()) is not { } next) return false;
        _last?.Dispose();
        _last = next;
        Missed++;
        return true;
    }

    private void Count(EventTally tally, int number, ReadOnlySpan<nint> records)
    {
        _rendering ??= new EventRendering(channel, "Event/System/Provider/@Name", "Event/System/Level");
        if (_last is null) _last = EventBookmark.Of(channel, records[^1]);
        else _last.Move(records[^1]);
        if (_gapBehind is { } before && _last.Number() is { } first && first > before) Missed += first - before - 1;
        _gapBehind = null;
        foreach (nint record in records)
        {
            // A record that cannot be rendered was written all the same.
            if (_rendering.TryRender(record)) tally.Add(number, _rendering.TextOf(0), _rendering.ValueOf(1, Wevtapi.TypeByte)?.Byte ?? 0);
            else tally.Add(number, default, 0);
        }
    }
}
