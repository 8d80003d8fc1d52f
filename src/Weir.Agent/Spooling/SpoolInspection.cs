using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Looks at the spool in a data directory, whether an agent runs on it or not: nothing is locked or written.</summary>
/// <remarks>Shows what was on disk when it was opened; what a running agent has acked since it last wrote its acks down counts as not settled.</remarks>
internal sealed class SpoolInspection : IAsyncDisposable
{
    private readonly SegmentLog _log;
    private readonly SpoolBooks _books = new();
    private readonly SpoolRebuild _rebuild;

    private SpoolInspection(SegmentLog log, SettledBook settled, AgentId? agent)
    {
        Agent = agent;
        _log = log;
        _rebuild = new SpoolRebuild(log, _books, settled, null);
        _rebuild.Run();
    }

    /// <summary>Whose spool it is; null where the state is missing or damaged.</summary>
    public AgentId? Agent { get; }

    /// <summary>What opening it found.</summary>
    public LogRecovery Recovery => _log.Recovery;

    /// <summary>The epochs, oldest start first.</summary>
    public IReadOnlyList<OpenEpochInfo> Epochs => _books.Epochs;

    /// <summary>Entries that no gateway has.</summary>
    public long Unsettled => _books.Unsettled;

    /// <summary>Opens the spool.</summary>
    /// <exception cref="AgentDataException">It is none, or of a newer version.</exception>
    public static SpoolInspection Open(IFileSystem files, string dataDirectory)
    {
        try
        {
            if (!files.DirectoryExists(dataDirectory) || !files.FileExists(Path.Combine(dataDirectory, DataFormatFile.Name)))
                throw new AgentDataException(AgentDataError.Foreign, dataDirectory, $"{dataDirectory} is not the data directory of an agent: name it with --data");
            DataFormatFile.Check(files, dataDirectory);
            // Before the log, which a running agent appends to: what its books know must not seem to be missing.
            SettledBook settled = new AckFile(files, dataDirectory).Read();
            SegmentLog log = SegmentLog.OpenReadOnly(files, AgentStore.SpoolDirectory(dataDirectory), new SegmentLogOptions());
            return new SpoolInspection(log, settled, AgentOf(files, dataDirectory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AgentDataException.From(e, dataDirectory);
        }
    }

    /// <summary>The segments, oldest first, from their indexes.</summary>
    public List<SpoolSegmentReport> Segments() => [.. _log.Segments.Select(Report)];

    /// <summary>Whether an entry is settled.</summary>
    public bool IsSettled(in SpooledEntry entry) => _books.IsSettled(entry.Epoch, entry.Seq);

    /// <summary>All entries in order, with what can be read of them.</summary>
    public IEnumerable<(SpooledEntry Entry, byte[] Bytes, bool IsDamaged)> Entries()
    {
        using LogReader reader = _log.OpenReader(_log.Start, LogReadMode.IndexOnly);
        while (reader.TryRead(out LogEntry item))
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header)) continue;
            var entry = new SpooledEntry(epoch, startNumber, header, item.Position, item.PayloadLength);
            byte[] bytes = new byte[item.PayloadLength];
            if (!_log.TryReadAt(item.Position, bytes)) bytes = [];
            yield return (entry, bytes, item.Damaged || EntryHeader.TryRead(bytes, out _) is EntryError.Size or EntryError.Crc or EntryError.Contradiction);
        }
    }

    /// <summary>Reads every payload; one line for each damage.</summary>
    /// <param name="read">Receives how many entries and bytes were read.</param>
    public IEnumerable<string> Verify(Action<long, long> read)
    {
        var verifier = new LogVerifier(_log);
        foreach (LogDamage damage in verifier.Run())
        {
            yield return damage.Index is not null && SpoolIndex.TryRead(damage.Index, out ulong epoch, out _, out EntryHeader header)
                ? $"position {damage.From}: epoch {epoch:x16}, seq {header.Seq} ({SpoolMetrics.NameOf(header.Kind)}): its bytes are broken; {Fate(epoch, header.Seq)}"
                : $"positions {damage.From} to {damage.To}: nothing that can be read stands there";
        }

        read(verifier.Entries, verifier.PayloadBytes);
        foreach (EntryRange missing in _rebuild.Missing)
            yield return $"epoch {missing.Epoch:x16}, seq {missing.First} to {missing.Last}: gone with their index, and no gateway has acked them";
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _log.DisposeAsync();

    private static AgentId? AgentOf(IFileSystem files, string dataDirectory)
    {
        try
        {
            return new AgentStateFile(files, dataDirectory).Read()?.AgentId;
        }
        catch (AgentDataException)
        {
            return null;
        }
    }

    private string Fate(ulong epoch, ulong seq) => _books.IsSettled(epoch, seq) ? "acked or declared lost" : "no gateway has acked it";

    private SpoolSegmentReport Report(LogSegment segment)
    {
        SegmentSummary summary = SegmentSummary.Read(_log, segment);
        (long oldest, long newest, long entries, long unsettled) = (long.MaxValue, 0L, 0L, 0L);
        using LogReader reader = _log.OpenReader(segment.Start, LogReadMode.IndexOnly);
        while (reader.TryRead(out LogEntry item) && item.Position < segment.End)
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong epoch, out uint startNumber, out EntryHeader header)) continue;
            entries++;
            if (!_books.IsSettled(epoch, header.Seq)) unsettled++;
            if (header.Kind != EntryKind.Samples) continue;
            oldest = Math.Min(oldest, header.FirstMs);
            newest = Math.Max(newest, new SpooledEntry(epoch, startNumber, header, 0, 0).NewestMs);
        }

        bool isDamaged = summary.Damaged.Count > 0 || summary.IsStartDamaged || Recovery.DamagedRanges.Any(range => range.From < segment.End && range.To > segment.Start);
        return new SpoolSegmentReport(segment, summary.Runs, entries, unsettled, newest == 0 ? null : oldest, newest == 0 ? null : newest, isDamaged);
    }
}
