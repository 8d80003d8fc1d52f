using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore.Upkeep;

/// <summary>Rewrites what the log of a partition holds before some positions into parts, one for each event hour.</summary>
/// <remarks>
/// What to seal is read off the hot index, host by host, so that memory holds one strip; nothing is judged anew. Parts are durable when it returns and count for nothing
/// until the writer moves the progress: killed in between, the log still has everything and the next start deletes the files. Not thread-safe.
/// </remarks>
internal sealed class Sealer(FrameStore store, Pace pace) : IDisposable
{
    // A backlog may touch hundreds of hours: so many parts are written at a time, each pass over the hosts again.
    private const int HoursPerPass = 8;

    // What stands for a frame with ticks that no part can hold among the names of EntryError.
    private const string BehindLastHour = "behind the last hour";

    private readonly HotFrameReader _reader = new(store.Baselines);
    private readonly StripBuilder _strip = new();
    private readonly StripEncoder _encoder = new();
    private readonly WindowSums _windows = new();
    private readonly List<FrameRef> _frames = [];
    private readonly HashSet<(LogClass Class, long Position, string Reason)> _kept = [];
    private long _frameCount;
    private UnreadFrames _unread = new();

    /// <summary>Seals.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="to">Positions that the writer has passed.</param>
    /// <param name="unread">
    /// Frames of the partition that were damaged before: one that is ends the seal, once all have been tried, so that the writer gives it up and has a whole copy sent; or it is kept as it is, named, where
    /// it has ended several.
    /// </param>
    /// <param name="cancellationToken">Ends it; nothing has been done then.</param>
    /// <exception cref="IOException">The disk does not take it, or does not give the log: what was written has been removed.</exception>
    public async ValueTask<PendingSeal> SealAsync(FrameStorePartition partition, LogPositions to, UnreadFrames unread, CancellationToken cancellationToken)
    {
        _unread = unread;
        unread.Begin();
        var parts = new List<Part>();
        _frameCount = 0;
        _kept.Clear();
        pace.Begin();
        long[] hours = HoursOf(partition, to);
        try
        {
            foreach (long[] pass in hours.Chunk(HoursPerPass)) await SealHoursAsync(partition, to, pass, parts, cancellationToken);
            if (unread.Waiting > 0) throw new IOException($"the log of partition {partition.Number} does not give {unread.Waiting} frames as they were sent", unread.NotGiven);
        }
        catch
        {
            // Whole already, and never to be named: tried again and again on a full disk, they would fill it.
            partition.Unlink(parts);
            throw;
        }

        long samples = parts.Sum(static part => part.Info.Samples);
        store.Metrics.SamplesSealed(samples);
        if (parts.Count > 0) store.Logger.Sealed(partition.Number, samples, _frameCount, parts.Count, parts.Sum(static part => part.Info.Bytes));
        return new PendingSeal(to, parts);
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private long[] HoursOf(FrameStorePartition partition, LogPositions to)
    {
        var hours = new SortedSet<long>();
        int hosts = partition.HostCount;
        for (int host = 0; host < hosts; host++)
        {
            // Between its first and last hour a frame has ticks in any or in none: only its samples tell, and the lock is not held while they are read.
            var wide = new List<(Schema Schema, FrameRef Frame)>();
            partition.Visit(host, hot =>
            {
                foreach (HotGroup group in hot.Groups)
                {
                    group.Visit(frame =>
                    {
                        if (frame.Position >= to.Of(frame.LogClass)) return;
                        long first = KeptHourOf(frame.FirstMs), last = KeptHourOf(frame.LastMs);
                        hours.Add(first);
                        if (last - first <= PartFormat.HourMs) hours.Add(last);
                        else wide.Add((group.Schema, group.Unpack(frame)));
                    });
                }

                return true;
            });
            foreach ((Schema schema, FrameRef frame) in wide)
            {
                // One that cannot be read is kept in its first hour; but where it may be read later, its hours are not known now.
                if (_reader.TryRead(partition, schema, frame, out _) is not null)
                {
                    if (_reader.NotGiven is { } notGiven) _unread.Wait(notGiven);
                    continue;
                }

                foreach (long time in _reader.Frame.TimesMs) hours.Add(KeptHourOf(time));
            }
        }

        return [.. hours];
    }

    // The hour whose part keeps a tick. One behind the last hour of the format stays in the bytes of its frame, which that hour keeps.
    private static long KeptHourOf(long timeMs) => Math.Min(PartFormat.HourOf(timeMs), PartFormat.LastHourMs);

    private async ValueTask SealHoursAsync(FrameStorePartition partition, LogPositions to, long[] hours, List<Part> parts, CancellationToken cancellationToken)
    {
        var writers = new PartWriter[hours.Length];
        var numbers = new long[hours.Length];
        try
        {
            for (int i = 0; i < hours.Length; i++)
            {
                numbers[i] = partition.Manifest.TakePartNumber();
                writers[i] = new PartWriter(store.Files, partition.Manifest.PartsDirectory, numbers[i], hours[i]);
            }

            int hosts = partition.HostCount;
            for (int host = 0; host < hosts; host++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (int i = 0; i < hours.Length; i++) SealHost(partition, host, to, hours[i], writers[i], numbers[i]);
                await pace.RestAsync(cancellationToken);
            }

            if (_unread.Waiting > 0) return;
            long nowMs = store.Time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (PartWriter writer in writers)
            {
                if (writer.IsEmpty) continue;
                parts.Add(partition.Publish(writer, writer.Finish(nowMs)));
            }
        }
        finally
        {
            foreach (PartWriter? writer in writers) writer?.Dispose();
        }
    }

    private void SealHost(FrameStorePartition partition, int host, LogPositions to, long hourMs, PartWriter part, long number)
    {
        (HotHost hot, Schema[] schemas) = partition.Visit(host, static hot => (hot, hot.Groups.Select(static group => group.Schema).ToArray()));
        bool begun = false;
        foreach (Schema schema in schemas)
        {
            _frames.Clear();
            partition.Visit(host, found =>
            {
                found.FindGroup(schema)?.Collect(hourMs, hourMs == PartFormat.LastHourMs ? long.MaxValue : hourMs + PartFormat.HourMs - 1, to, _frames);
                return true;
            });
            if (_frames.Count == 0) continue;
            if (!begun) part.BeginHost(hot.Tenant, hot.Agent, partition.Visit(host, static hot => hot.Description));
            begun = true;
            _frames.Sort(static (a, b) => a.FirstMs != b.FirstMs ? a.FirstMs.CompareTo(b.FirstMs) : a.Rank.CompareTo(b.Rank));
            SealGroup(partition, hot, schema, hourMs, part, number);
        }

        if (begun) part.EndHost();
    }

    private void SealGroup(FrameStorePartition partition, HotHost host, Schema schema, long hourMs, PartWriter part, long number)
    {
        _windows.Clear();
        int room = StripBuilder.MaxTicks(schema.SeriesCount), left = _frames.Sum(static frame => frame.Ticks);
        _strip.Begin(schema.SeriesCount, Math.Min(room, left));
        foreach (FrameRef frame in _frames)
        {
            left -= frame.Ticks;
            _frameCount++;
            if (_reader.TryRead(partition, schema, frame, out EntryHeader header) is { } reason)
            {
                if (_reader.NotGiven is { } notGiven)
                {
                    _unread.Wait(notGiven);
                    continue;
                }

                if (_reader.IsDamaged) partition.FoundDamaged(host.Tenant, host.Agent, frame);
                // Of all hours that it may reach into, the first that fails for a reason keeps its bytes.
                if ((!_reader.IsDamaged || _unread.Fail(frame)) && _kept.Add((frame.LogClass, frame.Position, reason))) KeepUnreadable(partition, host, frame, reason, part, number);
                continue;
            }

            _unread.Read(frame);
            if (hourMs == PartFormat.LastHourMs && _reader.Frame.TimesMs[^1] >= hourMs + PartFormat.HourMs)
                KeepUnreadable(partition, host, frame, BehindLastHour, part, number);
            (int first, int ticks) = TicksOf(hourMs);
            while (ticks > 0)
            {
                if (_strip.Room == 0)
                {
                    _strip.WriteTo(part, _encoder);
                    _strip.Begin(schema.SeriesCount, Math.Min(room, ticks + left));
                }

                int taken = Math.Min(ticks, _strip.Room);
                AxisFrame piece = PieceOf(header, first, taken, frame.Rank);
                _strip.Add(piece, _reader.Frame, first);
                AddWindows(schema, header, piece, first, hourMs);
                first += taken;
                ticks -= taken;
            }
        }

        _strip.WriteTo(part, _encoder);
        part.EndGroup(schema, _windows);
    }

    private (int First, int Ticks) TicksOf(long hourMs)
    {
        ReadOnlySpan<long> times = _reader.Frame.TimesMs;
        int first = 0, end = times.Length;
        while (first < end && times[first] < hourMs) first++;
        while (end > first && times[end - 1] >= hourMs + PartFormat.HourMs) end--;
        return (first, end - first);
    }

    private AxisFrame PieceOf(in EntryHeader header, int first, int ticks, FrameRank rank)
    {
        ReadOnlySpan<long> times = _reader.Frame.TimesMs.Slice(first, ticks);
        return new AxisFrame(times[0], header.ExplicitTimes ? 0 : (int)header.IntervalMs, ticks, header.ExplicitTimes && ticks > 1 ? times.ToArray() : null, rank);
    }

    private void AddWindows(Schema schema, in EntryHeader header, in AxisFrame piece, int first, long hourMs)
    {
        DecodedFrame frame = _reader.Frame;
        int minute = WindowSums.Minute(piece.FirstMs, hourMs);
        if (piece.Ticks == header.Ticks && minute == WindowSums.Minute(piece.LastMs, hourMs))
        {
            // Decoding has checked it against the samples.
            _windows.Add(minute, header.SampleCount, header.Digest);
            return;
        }

        ReadOnlySpan<long> times = frame.TimesMs.Slice(first, piece.Ticks);
        for (int s = 0; s < schema.SeriesCount; s++)
            _windows.Add(schema.SeriesHashes[s], times, frame.Values(s).Slice(first, piece.Ticks), frame.Present(s).Slice(first, piece.Ticks), hourMs);
    }

    private void KeepUnreadable(FrameStorePartition partition, HotHost host, in FrameRef frame, string reason, PartWriter part, long number)
    {
        store.Metrics.FrameUnreadable(reason);
        store.Logger.FrameUnreadable(partition.Number, host.Agent.ToString(), frame.Position, reason, number);
        part.AddUnreadable(new UnreadableFrame(host.Tenant, host.Agent, frame.Rank, frame.LogClass, frame.Position, reason, 0, 0, 0), _reader.Bytes);
    }
}
