using Weir.Log;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>Everything that a server's log has ever held.</summary>
internal sealed class LogEntries
{
    private readonly Dictionary<EntryName, List<byte[]>> _copies = [];

    /// <summary>The copies of each entry, in no order.</summary>
    public IReadOnlyDictionary<EntryName, List<byte[]>> Copies => _copies;

    /// <summary>Reads what an archive has kept of a log.</summary>
    public static LogEntries Read(SegmentArchive log)
    {
        var entries = new LogEntries();
        foreach (SegmentItem record in log.Read()) entries.Add(record);
        return entries;
    }

    private void Add(SegmentItem record)
    {
        Assert.True(RecordIndex.TryOpen(record.Index, out RecordIndex index), "a record of the log has no readable index");
        while (index.MoveNext())
        {
            var name = new EntryName(index.Header.AgentId, index.Header.Epoch, index.Entry.Seq);
            if (!_copies.TryGetValue(name, out List<byte[]>? copies)) _copies[name] = copies = [];
            copies.Add(record.Payload.AsSpan(index.Offset, index.Length).ToArray());
        }
    }
}
