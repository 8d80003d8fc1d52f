using System.Globalization;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>The files <c>NNNNNNNNNNNNNNNNNNNN.sum</c> beside ended segments of the spool: their <see cref="SegmentSummary"/>, so that a start need not read their indexes.</summary>
/// <remarks>
/// A cache and never the only copy of anything: written without a flush when the segment has ended, read with its checksum. One that is missing, damaged, of another
/// version, or whose segment is not what it says, is made anew from the segment. <c>docs/formats/spool.md</c> draws its bytes.
/// </remarks>
internal sealed class SummaryFiles(IFileSystem files, string directory, ILogger logger)
{
    private const string Extension = ".sum";
    private const byte Version = 2;
    private const int MaxBytes = 4 << 20;

    /// <summary>The summary of an ended segment, out of its file where that is good, else out of the segment; the file is good afterwards.</summary>
    public SegmentSummary Get(SegmentLog log, in LogSegment segment)
    {
        if (!IsDamaged(log, segment) && Read(segment) is { } known) return known;
        return Make(log, segment);
    }

    /// <summary>Writes the summary of a segment that has ended.</summary>
    /// <exception cref="LogException">The disk does not give the segment now.</exception>
    public SegmentSummary Make(SegmentLog log, in LogSegment segment)
    {
        var summary = SegmentSummary.Read(log, segment);
        string path = PathOf(segment.Start);
        try
        {
            if (files.FileExists(path)) files.Delete(path);
            using IFile file = files.Create(path);
            file.Write(0, Encode(summary));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.SummaryNotWritten(e);
        }

        return summary;
    }

    /// <summary>The same, where the segment can be read now; else the next start does it.</summary>
    public void TryMake(SegmentLog log, in LogSegment segment)
    {
        try
        {
            Make(log, segment);
        }
        catch (LogException e)
        {
            logger.SummaryNotWritten(e);
        }
    }

    /// <summary>Deletes the summaries of segments that are gone.</summary>
    /// <param name="held">Starts of the segments that are there.</param>
    public void DeleteOthers(IReadOnlySet<long> held)
    {
        foreach (string name in files.ListFiles(directory))
        {
            if (!name.EndsWith(Extension, StringComparison.Ordinal)) continue;
            if (!long.TryParse(name.AsSpan(0, name.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long start) || !held.Contains(start))
                TryDelete(Path.Combine(directory, name));
        }
    }

    /// <summary>Deletes the summary of a segment.</summary>
    public void Delete(long start) => TryDelete(PathOf(start));

    /// <summary>The content of a file.</summary>
    internal static byte[] Encode(SegmentSummary summary)
    {
        var target = new ByteWriter();
        target.U8(Version);
        target.U64((ulong)summary.Start);
        target.U64((ulong)summary.End);
        target.U8(summary.IsStartDamaged ? (byte)1 : (byte)0);
        target.Varint((ulong)summary.Runs.Count);
        foreach (SummaryRun run in summary.Runs)
        {
            target.U64(run.Epoch);
            target.U32(run.StartNumber);
            target.Varint(run.First);
            target.Varint(run.Last - run.First);
            target.Varint(run.Generation);
            target.U64((ulong)run.LastTickMs);
            target.U64(run.PreviousEpoch);
            target.Varint(run.PreviousLastSeq);
        }

        foreach (IReadOnlyList<SummaryEntry> entries in (ReadOnlySpan<IReadOnlyList<SummaryEntry>>)[summary.Objects, summary.Damaged])
        {
            target.Varint((ulong)entries.Count);
            foreach (SummaryEntry entry in entries) entry.Write(target);
        }

        target.Varint((ulong)summary.Given.Count);
        foreach (DeclaredLoss given in summary.Given) given.Write(target);
        target.U32(Crc32C.Compute(target.Written));
        return target.Written.ToArray();
    }

    /// <summary>Reads the content of a file; null where it is not a whole summary of this segment.</summary>
    internal static SegmentSummary? Decode(ReadOnlySpan<byte> bytes, in LogSegment segment)
    {
        if (bytes.Length < sizeof(uint) + 1) return null;
        ReadOnlySpan<byte> body = bytes[..^sizeof(uint)];
        if (new ByteReader(bytes[body.Length..]).U32() != Crc32C.Compute(body)) return null;
        var reader = new ByteReader(body);
        if (reader.U8() != Version || reader.U64() != (ulong)segment.Start || reader.U64() != (ulong)segment.End) return null;
        bool isStartDamaged = reader.U8() != 0;
        var runs = new List<SummaryRun>();
        for (int i = reader.Count(MaxBytes); i > 0 && !reader.Failed; i--) runs.Add(ReadRun(ref reader));
        List<SummaryEntry> objects = ReadEntries(ref reader), damaged = ReadEntries(ref reader);
        var given = new List<DeclaredLoss>();
        for (int i = reader.Count(MaxBytes); i > 0 && !reader.Failed; i--) given.Add(DeclaredLoss.Read(ref reader));
        return reader.Failed || reader.Remaining > 0
            ? null
            : new SegmentSummary(segment.Start, segment.End) { IsStartDamaged = isStartDamaged, Runs = runs, Objects = objects, Damaged = damaged, Given = given };
    }

    private static SummaryRun ReadRun(ref ByteReader reader)
    {
        ulong epoch = reader.U64();
        uint startNumber = reader.U32();
        ulong first = reader.Varint();
        return new SummaryRun
        {
            Epoch = epoch,
            StartNumber = startNumber,
            First = first,
            Last = first + reader.Varint(),
            Generation = (uint)reader.Varint(),
            LastTickMs = (long)reader.U64(),
            PreviousEpoch = reader.U64(),
            PreviousLastSeq = reader.Varint(),
        };
    }

    private static List<SummaryEntry> ReadEntries(ref ByteReader reader)
    {
        var entries = new List<SummaryEntry>();
        for (int i = reader.Count(MaxBytes); i > 0 && !reader.Failed; i--) entries.Add(SummaryEntry.Read(ref reader));
        return entries;
    }

    // What opening the log found there is looked at again.
    private static bool IsDamaged(SegmentLog log, LogSegment segment) => log.Recovery.DamagedRanges.Any(range => range.From < segment.End && range.To > segment.Start);

    private SegmentSummary? Read(in LogSegment segment)
    {
        string path = PathOf(segment.Start);
        try
        {
            if (!files.FileExists(path)) return null;
            using IFile file = files.Open(path, write: false);
            if (file.Length > MaxBytes) return null;
            var bytes = new byte[file.Length];
            return file.Read(0, bytes) == bytes.Length ? Decode(bytes, segment) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PathOf(long start) => Path.Combine(directory, start.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    private void TryDelete(string path)
    {
        try
        {
            if (files.FileExists(path)) files.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.SummaryNotWritten(e);
        }
    }
}
