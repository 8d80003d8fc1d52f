using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors;

/// <summary>A collector that reads from the first of its sources that works.</summary>
/// <remarks>
/// One source is open at a time. Where it fails the next takes over within the same tick, says so once, and the better ones are tried again after a minute, then
/// twice as long each time, up to an hour: each source starts anew with empty columns, since its series may be others. Where all fail the tick fails with the last
/// error; where that says that the host lacks what may be absent, the tick has no series and no error instead. Called as <see cref="ICollector"/> says; <see cref="StateOf"/> may be read by anybody.
/// </remarks>
internal sealed class SourcedCollector(string name, IReadOnlyList<CollectorSource> sources, CollectorContext context, ILogger logger) : ICollector
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly Exception?[] _errors = new Exception?[sources.Count];
    private readonly int[] _failures = new int[sources.Count];
    private readonly long[] _failedAt = new long[sources.Count];
    private volatile int _working = -1;
    private int _open = -1;
    private bool _isAbsent;
    private ICollector? _reader;

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Its sources in order of preference.</summary>
    public IReadOnlyList<CollectorSource> Sources => sources;

    /// <summary>The source that gave the values of the last tick; null where none did.</summary>
    public CollectorSource? Current => _working is >= 0 and var working ? sources[working] : null;

    /// <summary>Where a source stands.</summary>
    public SourceState StateOf(int source) =>
        !sources[source].IsHere || (sources[source].MayBeAbsent && IsAbsence(ErrorOf(source))) ? SourceState.NotHere
        : source == _working ? SourceState.Works
        : Volatile.Read(ref _errors[source]) is not null ? SourceState.Failed : SourceState.Unused;

    /// <summary>Why a source failed last; null where it works or was not needed.</summary>
    public Exception? ErrorOf(int source) => Volatile.Read(ref _errors[source]);

    /// <summary>What the last reading of <see cref="Current"/> lacks; null where it lacks nothing, or nothing was read.</summary>
    public string? Shortfall => _working >= 0 ? (Volatile.Read(ref _reader) as IDegraded)?.Shortfall : null;

    /// <summary>Which processes stand behind what the last reading reported; null where it reports no processes.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public ProcessInventory? Processes => _working >= 0 ? (Volatile.Read(ref _reader) as IProcessInventorySource)?.Inventory() : null;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        // Nothing is due of what the host does not have; it is looked for as a failed source is.
        if (_isAbsent && IsPaused(sources.Count - 1)) return;
        Exception? last = null;
        for (int source = 0; source < sources.Count; source++)
        {
            if (!sources[source].IsHere || (source != _open && IsPaused(source) && !IsLastResort(source))) continue;
            try
            {
                Read(source, columns);
                return;
            }
            catch (Exception error)
            {
                last = error;
                Failed(source, error, columns);
            }
        }

        _isAbsent = IsAbsence(last) && sources.All(static source => !source.IsHere || source.MayBeAbsent);
        if (_isAbsent)
        {
            Close(columns);
            return;
        }

        throw last ?? new PlatformNotSupportedException($"no source of {name} is on this system");
    }

    /// <inheritdoc/>
    public void Dispose() => _reader?.Dispose();

    private void Read(int source, Columns columns)
    {
        if (source != _open)
        {
            Close(columns);
            _reader = sources[source].Create(context);
            _open = source;
        }

        _reader!.Collect(columns);
        _isAbsent = false;
        if (source == _working) return;
        _working = source;
        if (_failures[source] > 0 && sources.Count > 1) CollectionLog.SourceWorks(logger, name, sources[source].Name);
        _failures[source] = 0;
        Volatile.Write(ref _errors[source], null);
    }

    private void Failed(int source, Exception error, Columns columns)
    {
        _working = -1;
        _failedAt[source] = context.Time.GetTimestamp();
        Volatile.Write(ref _errors[source], error);
        _failures[source]++;
        // The only one there is keeps its series and what it knows of its devices; unless its shape was refused: then the two no longer agree.
        if (sources.Count == 1 && error is not ArgumentException) return;
        Close(columns);
        if (_failures[source] > 1 || sources.Count == 1) return;
        string? next = sources.Skip(source + 1).FirstOrDefault(static later => later.IsHere)?.Name;
        CollectionLog.SourceFailed(logger, name, sources[source].Name, error.Message, next ?? "nothing");
    }

    private void Close(Columns columns)
    {
        _open = -1;
        ICollector? reader = _reader;
        _reader = null;
        if (columns.Count > 0) columns.Shape([]);
        reader?.Dispose();
    }

    // Where every source has failed the last is tried each tick: what is gone may come back at any time, and the slot's own pauses bound the cost.
    private bool IsLastResort(int source) => _working < 0 && !sources.Skip(source + 1).Any(static later => later.IsHere);

    private bool IsPaused(int source) => _failures[source] > 0 && context.Time.GetElapsedTime(_failedAt[source]) < Pause(_failures[source]);

    private static bool IsAbsence(Exception? error) => error is FileNotFoundException or DirectoryNotFoundException;

    private static TimeSpan Pause(int failures) => failures > 6 ? LongestPause : FirstPause * (1 << (failures - 1));
}
