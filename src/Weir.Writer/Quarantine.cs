using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>Where entries that failed a quality gate wait, with their reason: a segment log per partition.</summary>
/// <remarks>
/// Index of an item: reason u8, class u8, position u64 of the entry in the log, then the record header and the entry's header;
/// payload: the entry's bytes. What has been quarantined once is recognised by its position when the log is read again after a
/// start, so that a decision that depended on the order of arrival or on the configuration is never taken anew.
/// </remarks>
internal sealed class Quarantine : IAsyncDisposable
{
    private readonly SegmentLog _log;
    private readonly LogReader _reader;
    private readonly Dictionary<(LogClass Class, long Position), QuarantineReason> _known = [];

    /// <summary>Opens a partition's quarantine.</summary>
    /// <exception cref="LogException">In use, of a newer format or not writable.</exception>
    public Quarantine(IFileSystem files, string directory, SegmentLogOptions options)
    {
        _log = SegmentLog.Open(files, directory, options);
        _reader = _log.OpenReader(_log.Start, LogReadMode.IndexOnly);
    }

    /// <summary>Reads which entries it holds, before anything else.</summary>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give it now. Called again, it goes on.</exception>
    public void Read()
    {
        while (_reader.TryRead(out LogEntry item))
        {
            var index = new ByteReader(item.Index.Span);
            var reason = (QuarantineReason)index.U8();
            var logClass = (LogClass)index.U8();
            long position = (long)index.U64();
            if (!index.Failed) _known.TryAdd((logClass, position), reason);
        }
    }

    /// <summary>Entries held, for <c>weir.writer.quarantine.entries</c>.</summary>
    public int Count => _known.Count;

    /// <summary>Why the entry at this position is here for good: as the second of two that conflict, or for times that lie; null where it is not. The horizon may be another at the next start, or off.</summary>
    public QuarantineReason? RefusalOf(LogClass logClass, long position) =>
        _known.TryGetValue((logClass, position), out QuarantineReason reason) && reason is QuarantineReason.IdentityConflict or QuarantineReason.OutsideHorizon ? reason : null;

    /// <summary>Whether the entry at this position is here already.</summary>
    public bool Holds(LogClass logClass, long position) => _known.ContainsKey((logClass, position));

    /// <summary>The position behind the last one held of a class; 0 where there is none.</summary>
    public long EndOf(LogClass logClass) => _known.Keys.Where(key => key.Class == logClass).Select(static key => key.Position + 1).DefaultIfEmpty().Max();

    /// <summary>Takes an entry in; durable when it completes.</summary>
    public async ValueTask AddAsync(
        QuarantineReason reason, LogClass logClass, long position, RecordHeader record, ReadOnlyMemory<byte> entry, CancellationToken cancellationToken)
    {
        if (Holds(logClass, position)) return;
        var index = new ByteWriter();
        index.U8((byte)reason);
        index.U8((byte)logClass);
        index.U64((ulong)position);
        record.Write(index);
        await _log.AppendAsync(index.WrittenMemory, entry, cancellationToken);
        _known[(logClass, position)] = reason;
    }

    /// <summary>Forgets positions that the log no longer holds; the entries stay.</summary>
    public void ForgetBefore(LogClass logClass, long position)
    {
        foreach ((LogClass Class, long Position) key in _known.Keys.Where(key => key.Class == logClass && key.Position < position).ToArray()) _known.Remove(key);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return _log.DisposeAsync();
    }
}
