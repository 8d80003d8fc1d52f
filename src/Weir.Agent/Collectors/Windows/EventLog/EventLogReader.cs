using Weir.Agent.Events;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>The newest records of a channel.</summary>
internal static class EventLogReader
{
    private const uint TypeUInt16 = 6, TypeFileTime = 17;

    /// <summary>Reads them, the newest first, up to one that the system does not hand out (error 1734): it stands last, without what it says.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="most">Most records.</param>
    /// <exception cref="SourceException">The channel cannot be read.</exception>
    public static IReadOnlyList<EventRecord> Read(string channel, int most)
    {
        using var results = EventResults.Newest(channel);
        using var messages = new EventMessages();
        EventRendering? rendering = null;
        try
        {
            var read = new List<EventRecord>();
            while (read.Count < most)
            {
                // One at a time: those of a batch that are too large together would be refused.
                int error = results.Next(1, out ReadOnlySpan<nint> records);
                if (error == Wevtapi.InvalidBound)
                {
                    read.Add(new EventRecord(default, "", "", null, "the system does not hand out this record, nor with it those before it"));
                    break;
                }

                if (error != 0) throw results.FailureOf(error);
                if (records.IsEmpty) break;
                rendering ??= new EventRendering(channel, "Event/System/Provider/@Name", "Event/System/Level", "Event/System/EventID", "Event/System/TimeCreated/@SystemTime");
                read.Add(RecordOf(records[0], rendering, messages));
            }

            return read;
        }
        finally
        {
            rendering?.Dispose();
        }
    }

    private static EventRecord RecordOf(nint record, EventRendering rendering, EventMessages messages)
    {
        if (!rendering.TryRender(record)) return new EventRecord(default, "", "", null, "this record cannot be rendered");
        string provider = rendering.TextOf(0).ToString();
        return new EventRecord(
            DateTimeOffset.FromFileTime((long)Math.Min(rendering.ValueOf(3, TypeFileTime)?.Number ?? 0, (ulong)DateTimeOffset.MaxValue.ToFileTime())).ToUniversalTime(),
            EventLevel.NameOf(EventLevel.IndexOf(rendering.ValueOf(1, Wevtapi.TypeByte)?.Byte ?? 0)),
            AttributeText.Of(provider),
            (ushort?)rendering.ValueOf(2, TypeUInt16)?.Number,
            messages.Of(record, provider));
    }
}
