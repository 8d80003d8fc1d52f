using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>What a partition knows of one agent: its epochs, its objects, its host.</summary>
internal sealed class AgentState
{
    // Of the epochs of an agent that restarts over and over, the ones longest without an entry go first; far above what
    // fits into the acceptance horizon of an agent that behaves.
    private const int MaxEpochs = 10_000;

    private static readonly LogClass[] AllClasses = [LogClass.Live, LogClass.Backfill];

    private readonly Dictionary<ulong, EpochState> _epochs = [];
    private readonly ObjectTable?[] _objects = [null, null];

    // The one that was asked for last: nearly always the one that is asked for next.
    private EpochState? _last;
    private ulong _lastEpoch;

    /// <summary>The classes in which objects have come.</summary>
    public IEnumerable<LogClass> ClassesWithObjects => AllClasses.Where(logClass => _objects[(int)logClass] is not null);

    /// <summary>Epochs by number.</summary>
    public IReadOnlyDictionary<ulong, EpochState> Epochs => _epochs;

    /// <summary>The newest description of the host, with the record that brought it; null before the first.</summary>
    public HostDescription? Host { get; private set; }

    /// <summary>The objects that came in a class. A class carries its own, ahead of the frames that name them.</summary>
    public ObjectTable Objects(LogClass logClass) => _objects[(int)logClass] ??= new ObjectTable();

    /// <summary>The state of an epoch, new if unknown.</summary>
    public EpochState Epoch(ulong epoch)
    {
        if (_last is not null && _lastEpoch == epoch) return _last;
        if (!_epochs.TryGetValue(epoch, out EpochState? state))
        {
            if (_epochs.Count >= MaxEpochs) _epochs.Remove(_epochs.MinBy(static pair => pair.Value.NewestMs).Key);
            _epochs[epoch] = state = new EpochState();
        }

        (_last, _lastEpoch) = (state, epoch);
        return state;
    }

    /// <summary>Puts an epoch read from a snapshot in place.</summary>
    public void Restore(ulong epoch, EpochState state)
    {
        _epochs[epoch] = state;
        _last = null;
    }

    /// <summary>Takes a description, unless a newer one is known.</summary>
    public bool TryDescribe(HostDescription host)
    {
        if (Host is not null && host.Record.StartNumber < Host.Record.StartNumber) return false;
        Host = host;
        return true;
    }
}

/// <summary>What an agent says of its host, from a time on.</summary>
internal sealed record HostDescription(RecordHeader Record, long FromMs, IReadOnlyList<SeriesAttribute> Attributes);
