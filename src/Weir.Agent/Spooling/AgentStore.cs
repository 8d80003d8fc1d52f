using System.Diagnostics.CodeAnalysis;
using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Options of an <see cref="AgentStore"/>.</summary>
/// <param name="DataDirectory">Where identity and spool live.</param>
/// <param name="SpoolBytes">Disk budget of the spool.</param>
/// <param name="HostAttributes">What the agent says of its host at the start of each epoch.</param>
internal sealed record AgentStoreOptions(string DataDirectory, long SpoolBytes, IReadOnlyList<SeriesAttribute> HostAttributes);

/// <summary>The agent's identity and spool: gives every entry its name and keeps it until it is settled.</summary>
/// <remarks>
/// Entries are appended one at a time, and a seq counts as given out only when its entry is durable: so an epoch has no gaps,
/// whatever fails. Safe for concurrent use by collection and uplink.
/// </remarks>
internal sealed partial class AgentStore : IEntrySink, IAsyncDisposable
{
    private const long SegmentBytes = 8L << 20;

    private readonly Lock _books = new();
    private readonly SemaphoreSlim _appending = new(1);
    private readonly AgentStoreOptions _options;
    private readonly AgentStateFile _stateFile;
    private readonly AckFile _ackFile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SegmentLog _log;
    private readonly EntryWriter _writer = new();
    private readonly ByteWriter _index = new();
    private readonly Dictionary<ulong, EpochBook> _epochs = [];
    private readonly List<SegmentBook> _segments = [];
    private readonly Dictionary<ulong, SpooledEntry> _objects = [];
    private readonly Dictionary<ulong, Schema> _schemas = [];
    private AgentState _state;
    private EpochBook _epoch;
    private bool _acksDirty;

    private AgentStore(AgentStoreOptions options, IFileSystem files, SegmentLog log, AgentState state, TimeProvider time, ILogger logger)
    {
        _options = options;
        _log = log;
        _stateFile = new AgentStateFile(files, options.DataDirectory);
        _ackFile = new AckFile(files, options.DataDirectory);
        _state = state;
        _time = time;
        _logger = logger;
        _epoch = new EpochBook(0, 0);
    }

    /// <summary>Who this agent is.</summary>
    public AgentId AgentId => _state.AgentId;

    /// <inheritdoc/>
    public uint ClockGeneration => _state.ClockGeneration;

    /// <summary>Bytes of the spool on disk.</summary>
    public long SizeBytes => _log.SizeBytes;

    /// <summary>Bytes it may take.</summary>
    public long LimitBytes => _options.SpoolBytes;

    /// <summary>Opens the data directory, rebuilds what the spool holds and starts an epoch.</summary>
    /// <exception cref="AgentDataException">The directory cannot be used; the message says why and what to do.</exception>
    public static async Task<AgentStore> OpenAsync(AgentStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory loggers)
    {
        SegmentLog? log = null;
        try
        {
            files.CreateDirectory(options.DataDirectory);
            // The spool's lock is the agent's: it is taken before the state is read.
            log = SegmentLog.Open(files, Path.Combine(options.DataDirectory, "spool"), new SegmentLogOptions { MaxSegmentBytes = SegmentBytes, Time = time });
            AgentState state = new AgentStateFile(files, options.DataDirectory).Read() ?? AgentState.New();
            var store = new AgentStore(options, files, log, state, time, loggers.CreateLogger<AgentStore>());
            store.Rebuild();
            await store.StartEpochAsync(CancellationToken.None).ConfigureAwait(false);
            return store;
        }
        catch (Exception e) when (e is LogException or UnauthorizedAccessException)
        {
            if (log is not null) await log.DisposeAsync().ConfigureAwait(false);
            throw new AgentDataException(e is LogException ? e.Message : $"{options.DataDirectory} is not writable: give this user write access, or name another directory with --data", e);
        }
        catch
        {
            if (log is not null) await log.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Begins a new epoch: what was spooled keeps its names, what follows gets new ones.</summary>
    public async ValueTask StartEpochAsync(CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            EpochBook before = _epoch;
            bool clockWentBack = before.LastTickMs > _time.GetUtcNow().ToUnixTimeMilliseconds();
            _state = _state with { StartNumber = _state.StartNumber + 1, ClockGeneration = _state.ClockGeneration + (clockWentBack ? 1u : 0u) };
            // Before the first entry: two epochs must never share a start number.
            _stateFile.Write(_state);
            _epoch = new EpochBook(AgentState.DrawEpoch(), _state.StartNumber);
            lock (_books) _epochs[_epoch.Epoch] = _epoch;
            var start = new EpochStart
            {
                PreviousEpoch = before.Epoch,
                PreviousLastSeq = before.LastSeq,
                PreviousLastTickMs = before.LastTickMs,
                HostAttributes = [.. _options.HostAttributes.Where(static attribute => attribute.Key != "host.id"), new SeriesAttribute("host.id", AgentId.ToString())],
            };
            await AppendAsync(Declaration(DeclarationKind.EpochStart, _time.GetUtcNow().ToUnixTimeMilliseconds()), start.Encode(), cancellationToken).ConfigureAwait(false);
            await AppendSchemasAsync(cancellationToken).ConfigureAwait(false);
            _logger.EpochStarted(AgentId.ToString(), _epoch.Epoch, _state.StartNumber);
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendSchemaAsync(Schema schema, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await AppendObjectsAsync(schema, cancellationToken).ConfigureAwait(false);
            _schemas[schema.Id.Short] = schema;
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendFrameAsync(FrameBuilder builder, uint clockGeneration, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long lastTickMs = builder.LastMs;
            await MakeRoomAsync(cancellationToken).ConfigureAwait(false);
            int segments = _log.Segments.Count;
            await AppendAsync(builder.Seal(_epoch.LastSeq + 1, clockGeneration), lastTickMs, cancellationToken).ConfigureAwait(false);
            // A segment may travel or vanish alone: it carries the objects that its frames need.
            if (_log.Segments.Count > segments) await AppendSchemasAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendDeclarationAsync(long windowMs, WindowDeclaration declaration, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await AppendAsync(Declaration(DeclarationKind.Window, windowMs), declaration.Encode(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<uint> NextClockGenerationAsync(CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            AgentState next = _state with { ClockGeneration = _state.ClockGeneration + 1 };
            _stateFile.Write(next);
            _state = next;
            return next.ClockGeneration;
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <summary>Writes down which entries are settled, if that has changed.</summary>
    public void SaveAcks()
    {
        EpochBook[] books;
        lock (_books)
        {
            if (!_acksDirty) return;
            _acksDirty = false;
            books = [.. _epochs.Values];
            // Under the lock: the sets change with every ack.
            _ackFile.Write(books);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _appending.WaitAsync().ConfigureAwait(false);
        SaveAcks();
        await _log.DisposeAsync().ConfigureAwait(false);
        _appending.Dispose();
    }

    private EntryHeader Declaration(DeclarationKind kind, long timeMs) =>
        new() { Kind = EntryKind.Declaration, Form = (byte)kind, Seq = _epoch.LastSeq + 1, FirstMs = timeMs, ClockGeneration = _state.ClockGeneration };

    private async ValueTask AppendSchemasAsync(CancellationToken cancellationToken)
    {
        foreach (Schema schema in _schemas.Values) await AppendObjectsAsync(schema, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask AppendObjectsAsync(Schema schema, CancellationToken cancellationToken)
    {
        foreach (Template template in schema.Parts.Select(static part => part.Template).DistinctBy(static template => template.Id))
            await AppendObjectAsync(ObjectKind.Template, template.Id, template.Canonical, cancellationToken).ConfigureAwait(false);
        await AppendObjectAsync(ObjectKind.Schema, schema.Id, schema.Canonical, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask AppendObjectAsync(ObjectKind kind, ContentId id, ReadOnlyMemory<byte> canonical, CancellationToken cancellationToken)
    {
        var header = new EntryHeader
        {
            Kind = EntryKind.Object,
            Form = (byte)kind,
            Seq = _epoch.LastSeq + 1,
            ObjectId = id.Short,
            FirstMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            ClockGeneration = _state.ClockGeneration,
        };
        return AppendAsync(header, ObjectCodec.Pack(canonical.Span), cancellationToken);
    }

    private ValueTask AppendAsync(in EntryHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        AppendAsync(_writer.Write(header, payload.Span), 0, cancellationToken);

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> entry, long lastTickMs, CancellationToken cancellationToken)
    {
        if (EntryHeader.TryReadHeader(entry.Span, out EntryHeader header) != EntryError.None) throw new InvalidOperationException("an entry that was just written cannot be read");
        SpoolIndex.Write(_index, _epoch.Epoch, _epoch.StartNumber, entry.Span[..header.HeaderBytes]);
        long position = await _log.AppendAsync(_index.WrittenMemory, entry, cancellationToken).ConfigureAwait(false);
        lock (_books) TakeNote(_epoch, new SpooledEntry(_epoch.Epoch, _epoch.StartNumber, header, position, entry.Length), Math.Max(lastTickMs, header.LastGridMs));
    }

    private void TakeNote(EpochBook epoch, SpooledEntry entry, long lastTickMs)
    {
        epoch.LastSeq = entry.Header.Seq;
        if (entry.Header.Kind == EntryKind.Samples) epoch.LastTickMs = Math.Max(epoch.LastTickMs, lastTickMs);
        if (entry.Header.Kind == EntryKind.Object) _objects[entry.Header.ObjectId] = entry;
        SegmentOf(entry.Position).Add(epoch, entry.Header.Seq);
    }

    private SegmentBook SegmentOf(long position)
    {
        if (_segments.Count > 0 && _segments[^1].Start <= position && _log.Segments is [.., var last] && last.Start == _segments[^1].Start) return _segments[^1];
        foreach (LogSegment segment in _log.Segments)
        {
            if (_segments.Count > 0 && segment.Start <= _segments[^1].Start) continue;
            if (segment.Start <= position) _segments.Add(new SegmentBook(segment.Start));
        }

        return _segments[^1];
    }

    // Start-up reads indexes only, so that it takes no longer for large payloads.
    private void Rebuild()
    {
        using LogReader reader = _log.OpenReader(_log.Start, LogReadMode.IndexOnly);
        EpochBook? newest = null;
        while (reader.TryRead(out LogEntry item))
        {
            if (!SpoolIndex.TryRead(item.Index.Span, out ulong number, out uint startNumber, out EntryHeader header)) continue;
            if (!_epochs.TryGetValue(number, out EpochBook? epoch)) _epochs[number] = epoch = new EpochBook(number, startNumber);
            if (epoch.LastSeq == 0 && header.Seq > 1) epoch.Settled.Add(1, header.Seq - 1); // unlinked before: settled one way or the other
            TakeNote(epoch, new SpooledEntry(number, startNumber, header, item.Position, item.PayloadLength), header.LastGridMs);
            if (newest is null || startNumber >= newest.StartNumber) newest = epoch;
        }

        if (newest is not null) _epoch = newest;
        _ackFile.Read(_epochs);
    }
}
