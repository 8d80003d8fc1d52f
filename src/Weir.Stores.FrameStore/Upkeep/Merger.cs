using Microsoft.Extensions.Logging;
using Weir.Frames;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore.Upkeep;

/// <summary>Joins the parts of an hour that has ended into one, host by host and schema by schema.</summary>
/// <remarks>
/// Frames stay entries of the axis with their ranks, so a (series, time) resolves in the merged part as it did over the parts. A part with damage is never merged: what
/// is intact in it stays where it can be found. Not thread-safe.
/// </remarks>
internal sealed class Merger(FrameStore store, Pace pace)
{
    private readonly StripBuilder _strip = new();
    private readonly StripEncoder _encoder = new();
    private readonly WindowSums _windows = new();
    private readonly List<SourceFrame> _frames = [];

    /// <summary>Merges.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="parts">Intact parts of one hour, at least two.</param>
    /// <param name="cancellationToken">Ends it; nothing has been done then.</param>
    /// <exception cref="PartDamagedException">One of them is damaged.</exception>
    /// <exception cref="IOException">The disk does not take it, or has no room for the merged part and another reserve beside it.</exception>
    public async ValueTask MergeAsync(FrameStorePartition partition, IReadOnlyList<Part> parts, CancellationToken cancellationToken)
    {
        // Each merge that the manifest does not take would leave a file more.
        partition.UnlinkDoubtful();
        // Tried again for ever, one file that has gone would keep every later hour from being merged.
        if (parts.FirstOrDefault(static part => !part.Files.FileExists(part.Path)) is { } missing) throw new PartDamagedException(missing, PartDamage.Missing);
        long hourMs = parts[0].Info.HourMs;
        PartReader[] readers = [.. parts.Select(static part => new PartReader(part))];
        PartInfo[] infos = [.. parts.Select(static part => part.Info)];
        // Of no use to a full disk before it has ended: it takes neither the reserve nor the last bytes that the log needs meanwhile.
        if (store.Reserve?.TryHold() == false) throw new IOException("the disk is full: parts are merged when there is room");
        using var writer = new PartWriter(store.PlainFiles, partition.Manifest.PartsDirectory, partition.Manifest.TakePartNumber(), hourMs);
        writer.TakeRoom(infos.Sum(static info => info.Bytes), beside: store.Reserve?.HeldBytes ?? 0);
        try
        {
            pace.Begin();
            var hosts = new SortedSet<int>();
            foreach (Part part in parts)
                foreach (PartRow row in part.Rows) hosts.Add(row.Host);
            foreach (int host in hosts)
            {
                cancellationToken.ThrowIfCancellationRequested();
                MergeHost(partition, host, readers, infos, writer);
                await pace.RestAsync(cancellationToken);
            }

            foreach (PartReader reader in readers) KeepUnreadable(reader, writer);
        }
        finally
        {
            foreach (PartReader reader in readers) reader.Dispose();
        }

        PartInfo info = writer.Finish(store.Time.GetUtcNow().ToUnixTimeMilliseconds());
        Part merged = partition.Publish(writer, info);
        if (!partition.TryReplace(parts, infos, merged))
        {
            // Samples were excluded meanwhile: the next merge heeds it. Where the manifest cannot be written the file stays, since
            // the one on disk may name it already; the next merge or start deletes it if not.
            partition.Unlink([merged]);
            return;
        }

        store.Metrics.SamplesMerged(info.Samples);
        store.Logger.Merged(partition.Number, parts.Count, DateTimeOffset.FromUnixTimeMilliseconds(hourMs), info.Bytes);
    }

    private void MergeHost(FrameStorePartition partition, int host, PartReader[] readers, PartInfo[] infos, PartWriter writer)
    {
        (HotHost hot, IReadOnlyList<SeriesAttribute> attributes) = partition.Visit(host, static hot => (hot, hot.Description));
        var groups = new Dictionary<Schema, List<(PartReader Reader, PartGroup Group, Exclusion[] Exclusions)>>();
        for (int i = 0; i < readers.Length; i++)
        {
            Exclusion[] exclusions = [.. infos[i].Exclusions.Where(exclusion => exclusion.Agent == hot.Agent && exclusion.Tenant == hot.Tenant)];
            foreach (PartRow row in readers[i].Part.RowsOf(host))
            {
                HostDirectory directory = readers[i].TryReadDirectory(row) ?? throw new PartDamagedException(readers[i].Part, PartDamage.Directory);
                foreach (PartGroup group in directory.Groups)
                {
                    Schema schema = readers[i].Part.Schemas[group.SchemaIndex];
                    if (!groups.TryGetValue(schema, out var sources)) groups[schema] = sources = [];
                    sources.Add((readers[i], group, exclusions));
                }
            }
        }

        writer.BeginHost(hot.Tenant, hot.Agent, attributes);
        foreach ((Schema schema, var sources) in groups) MergeGroup(schema, sources, writer, infos[0].HourMs);
        writer.EndHost();
    }

    private void MergeGroup(Schema schema, List<(PartReader Reader, PartGroup Group, Exclusion[] Exclusions)> sources, PartWriter writer, long hourMs)
    {
        _frames.Clear();
        _windows.Clear();
        foreach ((PartReader reader, PartGroup group, Exclusion[] exclusions) in sources)
        {
            if (exclusions.Length == 0) _windows.Add(group.Windows);
            foreach (PartStrip strip in group.Strips)
            {
                var source = new StripSource(reader, strip, exclusions);
                int tick = 0;
                foreach (AxisFrame frame in strip.Axis)
                {
                    _frames.Add(new SourceFrame(frame, source, tick));
                    tick += frame.Ticks;
                }

                source.FramesLeft = strip.Axis.Length;
            }
        }

        _frames.Sort(static (a, b) => AxisFrame.Compare(a.Frame, b.Frame));
        int room = StripBuilder.MaxTicks(schema.SeriesCount), left = _frames.Sum(static item => item.Frame.Ticks);
        _strip.Begin(schema.SeriesCount, Math.Min(room, left));
        foreach (SourceFrame item in _frames)
        {
            if (_strip.Room < item.Frame.Ticks)
            {
                _strip.WriteTo(writer, _encoder);
                _strip.Begin(schema.SeriesCount, Math.Min(room, left));
            }

            left -= item.Frame.Ticks;
            StripColumns columns = item.Source.Open(schema);
            _strip.Add(item.Frame, columns.Values, columns.Present, item.Source.Strip.Ticks, item.FirstTick);
            if (item.Source.Exclusions.Length > 0) AddWindows(schema, item, columns, hourMs);
            item.Source.Done();
        }

        _strip.WriteTo(writer, _encoder);
        writer.EndGroup(schema, _windows);
    }

    private void AddWindows(Schema schema, in SourceFrame item, StripColumns columns, long hourMs)
    {
        var times = new long[item.Frame.Ticks];
        item.Frame.CopyTimes(times);
        for (int s = 0; s < schema.SeriesCount; s++)
        {
            int cell = (s * item.Source.Strip.Ticks) + item.FirstTick;
            _windows.Add(schema.SeriesHashes[s], times, columns.Values.AsSpan(cell, times.Length), columns.Present.AsSpan(cell, times.Length), hourMs);
        }
    }

    private static void KeepUnreadable(PartReader reader, PartWriter writer)
    {
        IReadOnlyList<UnreadableFrame> frames = reader.TryReadUnreadableFrames() ?? throw new PartDamagedException(reader.Part, PartDamage.UnreadableFrames);
        foreach (UnreadableFrame frame in frames)
            writer.AddUnreadable(frame, reader.TryReadUnreadableFrame(frame) ?? throw new PartDamagedException(reader.Part, PartDamage.UnreadableFrames));
        if (frames.Count > 0) writer.EndHost();
    }

    private readonly record struct SourceFrame(AxisFrame Frame, StripSource Source, int FirstTick);
}
