namespace Weir.Log.Tests;

/// <summary>What a log gives as it was written.</summary>
internal static class Intact
{
    /// <summary>Positions of the entries that are not damaged, in order.</summary>
    public static List<long> Positions(SegmentLog log)
    {
        var positions = new List<long>();
        using LogReader reader = log.OpenReader(log.Start, LogReadMode.Payloads);
        while (reader.TryRead(out LogEntry entry))
            if (!entry.Damaged) positions.Add(entry.Position);
        return positions;
    }
}
