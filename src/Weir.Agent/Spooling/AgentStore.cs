using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>The agent's identity and spool: gives every entry its name and keeps it until it is settled.</summary>
/// <remarks>
/// <para>Safe for concurrent use by collection and uplink.</para>
/// <para>
/// Invariant: entries are appended one at a time, and a seq counts as given out when, and only when, its entry is durable. So the seqs of
/// an epoch have no gaps, their order is the order in the log, and an entry is never offered for sending before it is durable. Appends are
/// therefore never given up half way: cancellation ends the wait for a turn, not an append. <c>AgentStoreCrashTests</c> stops
/// between every two steps.
/// </para>
/// <para>Start numbers are durable before the first entry of their epoch: no two epochs share one.</para>
/// </remarks>
internal sealed partial class AgentStore : IEntrySink, IAsyncDisposable
{
    private const string HostId = "host.id";

    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _appending = new(1);
    private readonly AgentStoreOptions _options;
    private readonly AgentStateFile _stateFile;
    private readonly AckFile _ackFile;
    private readonly SummaryFiles _summaries;
    private readonly SpoolQuarantine _quarantine;
    private readonly DiskReserve _reserve;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SegmentLog _log;
    private readonly SpoolBooks _books = new();
    private readonly SpoolMetrics _metrics;
    private readonly EntryWriter _writer = new();
    // Used by who has the turn to append, as the writer and the index.
    private readonly FrameEncoder _frameEncoder = new();
    private readonly ByteWriter _index = new();
    private AgentState _state;
    private EpochBook _epoch = new(0, 0);
    private byte[] _epochStart = [];
    private long _epochStartMs;
    private bool _disposed;

    private AgentStore(AgentStoreOptions options, IFileSystem files, DiskReserve reserve, SegmentLog log, AgentState state, TimeProvider time, ILogger logger)
    {
        _options = options;
        _log = log;
        _reserve = reserve;
        var reserved = new ReservedFileSystem(files, reserve);
        _stateFile = new AgentStateFile(reserved, options.DataDirectory);
        _ackFile = new AckFile(reserved, options.DataDirectory);
        _summaries = new SummaryFiles(files, SpoolDirectory(options.DataDirectory), logger);
        _quarantine = new SpoolQuarantine(files, options.DataDirectory, time);
        _state = state;
        _time = time;
        _logger = logger;
        _metrics = new SpoolMetrics(this);
    }

    /// <summary>Who this agent is.</summary>
    public AgentId AgentId => _state.AgentId;

    /// <inheritdoc/>
    public uint ClockGeneration => _state.ClockGeneration;

    /// <summary>Bytes of the spool on disk.</summary>
    public long SizeBytes => _log.SizeBytes;

    /// <summary>Bytes it may take.</summary>
    public long LimitBytes => _options.SpoolBytes;

    /// <summary>Bytes of the disk reserve; 0 while the disk is full.</summary>
    public long ReserveBytes => _reserve.HeldBytes;

    /// <summary>The directory of the spool in a data directory.</summary>
    public static string SpoolDirectory(string dataDirectory) => Path.Combine(dataDirectory, "spool");

    /// <summary>Opens the data directory, rebuilds what the spool holds and starts an epoch.</summary>
    /// <exception cref="AgentDataException">The directory cannot be used; the message says why and what to do.</exception>
    public static async Task<AgentStore> OpenAsync(AgentStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory loggers)
    {
        SegmentLog? log = null;
        try
        {
            DataFormatFile.Check(files, options.DataDirectory);
            files.CreateDirectory(options.DataDirectory);
            // The spool's lock is the agent's: it is taken before the state is read.
            var reserve = new DiskReserve(files, options.DataDirectory, options.ReserveBytes, time);
            log = SegmentLog.Open(files, SpoolDirectory(options.DataDirectory), new SegmentLogOptions { MaxSegmentBytes = options.SegmentBytes, Reserve = reserve, Time = time });
            // What cannot be held is told by the first append.
            _ = reserve.TryHold();
            DataFormatFile.Ensure(files, options.DataDirectory);
            var stateFile = new AgentStateFile(files, options.DataDirectory);
            AgentState state = stateFile.Read() ?? (log.DurableEnd == 0 ? AgentState.New() : throw stateFile.Missing());
            var store = new AgentStore(options, files, reserve, log, state, time, loggers.CreateLogger<AgentStore>());
            await store.RecoverAsync().ConfigureAwait(false);
            return store;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (log is not null) await log.DisposeAsync().ConfigureAwait(false);
            throw AgentDataException.From(e, options.DataDirectory);
        }
    }

    /// <summary>Begins a new epoch: what was spooled keeps its names, what follows gets new ones.</summary>
    /// <exception cref="LogException">The spool does not take it; the epoch before goes on.</exception>
    public async ValueTask StartEpochAsync(CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await BeginEpochAsync(_state).ConfigureAwait(false);
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
            await MakeRoomAsync().ConfigureAwait(false);
            await EnsureObjectsAsync(schema, null).ConfigureAwait(false);
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The spool did not take the frame: its ticks are given up, and the caller counts them as dropped.</exception>
    public async ValueTask<int> AppendFrameAsync(FrameBuilder builder, uint clockGeneration, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long lastTickMs = builder.LastMs;
            // Room first: its tombstones might begin a segment, and the objects must stand in the frame's.
            await MakeRoomAsync().ConfigureAwait(false);
            await EnsureObjectsAsync(builder.Schema, builder.Baseline).ConfigureAwait(false);
            ReadOnlyMemory<byte> entry = _frameEncoder.Seal(builder, _epoch.LastSeq + 1, clockGeneration);
            await AppendAsync(entry, lastTickMs, isClosing: false).ConfigureAwait(false);
            return entry.Length;
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
            await MakeRoomAsync().ConfigureAwait(false);
            await AppendAsync(Declaration(DeclarationKind.Window, windowMs), declaration.Encode()).ConfigureAwait(false);
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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _appending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed) return;
            _disposed = true;
            SaveAcks();
            await _log.DisposeAsync().ConfigureAwait(false);
            await _quarantine.DisposeAsync().ConfigureAwait(false);
            _metrics.Dispose();
        }
        finally
        {
            _frameEncoder.Dispose();
            _appending.Release();
        }
    }

    private async ValueTask RecoverAsync()
    {
        var rebuild = new SpoolRebuild(_log, _books, _ackFile.Read(), _summaries);
        while (true)
        {
            try
            {
                rebuild.Run();
                break;
            }
            catch (LogException e) when (e.Error == LogError.ReadFailed)
            {
                // What is on disk must not be declared lost for one moment's error; it is in the end, so that the agent starts.
                NotGiven(e);
                await Task.Delay(ReadAgain, _time).ConfigureAwait(false);
            }
        }

        _epoch = rebuild.Newest ?? _epoch;
        _end = _log.DurableEnd;
        // Ticks that went back in time are told from those before by the generation.
        bool clockWentBack = rebuild.LastTickMs > Now();
        if (clockWentBack) _logger.ClockWentBack(rebuild.LastTickMs - Now());
        AgentState state = OfThisMachine(_state) with { ClockGeneration = _state.ClockGeneration + (clockWentBack ? 1u : 0u) };
        await BeginEpochAsync(state).ConfigureAwait(false);
        foreach (EntryRange range in rebuild.Missing)
            await AppendTombstoneAsync(new LostRun(range, DropReason.Damaged)).ConfigureAwait(false);
        foreach (SpooledEntry entry in rebuild.Damaged)
        {
            await SetAsideAsync(entry, DropReason.Damaged).ConfigureAwait(false);
            await AppendTombstoneAsync(new LostRun(entry, DropReason.Damaged)).ConfigureAwait(false);
        }

        await DeclareAgainAsync().ConfigureAwait(false);
        SaveAcks();
    }

    // Before the first entry the start number: two epochs must never share one.
    private async ValueTask BeginEpochAsync(AgentState state)
    {
        EpochBook before = _epoch;
        AgentState next = state with { StartNumber = state.StartNumber + 1 };
        _stateFile.Write(next);
        _state = next;
        // An epoch of a former id is none of this one's.
        bool follows = IdOf(before.StartNumber) == AgentId;
        var start = new EpochStart
        {
            PreviousEpoch = follows ? before.Epoch : 0,
            PreviousLastSeq = follows ? before.LastSeq : 0,
            PreviousLastTickMs = follows ? before.LastTickMs : 0,
            HostAttributes = [.. _options.HostAttributes.Where(static attribute => attribute.Key != HostId), new SeriesAttribute(HostId, AgentId.ToString())],
        };
        var begun = new EpochBook(AgentState.DrawEpoch(), next.StartNumber);
        byte[] payload = start.Encode();
        long startMs = Now();
        _epoch = begun;
        try
        {
            await AppendClosingAsync(Declaration(DeclarationKind.EpochStart, startMs), payload).ConfigureAwait(false);
        }
        catch
        {
            _epoch = before;
            throw;
        }

        (_epochStart, _epochStartMs) = (payload, startMs);
        // What stands in this segment belongs to the epoch before, whose names may collide with a copy's.
        ForgetObjectsHere();
        _logger.EpochStarted(AgentId.ToString(), begun.Epoch, next.StartNumber);
    }

    private bool NextAppendRolls => _log.NextBlockBeginsSegment;

    private EntryHeader Declaration(DeclarationKind kind, long timeMs) => Header(EntryKind.Declaration, (byte)kind, timeMs);

    private EntryHeader Header(EntryKind kind, byte form, long timeMs) =>
        new() { Kind = kind, Form = form, Seq = _epoch.LastSeq + 1, FirstMs = timeMs, ClockGeneration = _state.ClockGeneration };

    private ValueTask AppendAsync(in EntryHeader header, ReadOnlyMemory<byte> payload) => AppendAsync(_writer.Write(header, payload.Span), header.FirstMs, isClosing: false);

    // What must be said although the disk is full: it goes into the reserve.
    private ValueTask AppendClosingAsync(in EntryHeader header, ReadOnlyMemory<byte> payload) => AppendAsync(_writer.Write(header, payload.Span), header.FirstMs, isClosing: true);

    private async ValueTask AppendAsync(ReadOnlyMemory<byte> entry, long lastTickMs, bool isClosing)
    {
        if (EntryHeader.TryReadHeader(entry.Span, out EntryHeader header) != EntryError.None) throw new InvalidOperationException("an entry that was just written cannot be read");
        EpochBook epoch = _epoch;
        SpoolIndex.Write(_index, epoch.Epoch, epoch.StartNumber, entry.Span[..header.HeaderBytes]);
        if (NextAppendRolls) SaveAcksAtEnd();
        long newest = _log.NewestStart;
        long position = await AppendWhereThereIsRoomAsync(entry, isClosing).ConfigureAwait(false);
        _books.Add(epoch, new SpooledEntry(epoch.Epoch, epoch.StartNumber, header, position, entry.Length), _log.NewestStart, lastTickMs);
        Volatile.Write(ref _end, _log.DurableEnd);
        if (_log.NewestStart != newest) BeganSegment(newest);
        _metrics.Appended(header.Kind);
        Appended?.Invoke();
    }

    private void BeganSegment(long before)
    {
        ForgetObjectsHere();
        if (_log.Segments is [.., { } ended, _] && ended.Start == before) _summaries.TryMake(_log, ended);
    }

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
