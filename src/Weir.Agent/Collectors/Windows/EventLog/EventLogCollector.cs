namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>Records of the event log, counted by channel, provider and level since the agent started.</summary>
/// <remarks>
/// What was written while the agent did not run is not counted. <c>windows.event_log.subscribed</c> is 0 for a channel that the host does not have (wine has none). A channel
/// that cannot be read fails its own series alone, and is tried again at each tick, behind the last record that was counted; where none can, the collector fails.
/// <c>windows.event_log.missed</c> counts what can no longer be. A tick takes at most <see cref="MaxRecords"/> records of a channel, and the next the rest: a flood makes counts
/// late, neither wrong nor dear. A steady tick allocates nothing.
/// </remarks>
/// <param name="channels">Chooses the channels, once they can be.</param>
/// <param name="subscribe">Makes the subscription of a channel, which opens it at its first call.</param>
/// <param name="logger">Where a channel that cannot be read is said, once.</param>
internal sealed class EventLogCollector(Func<IReadOnlyList<string>> channels, Func<string, IEventSubscription> subscribe, ILogger logger) : ICollector, IDegraded
{
    /// <summary>Most records of a channel at a tick: 667 a second at 15 s.</summary>
    public const int MaxRecords = 10_000;

    private EventTally? _tally;
    private IEventSubscription[] _subscriptions = [];
    private SourceException?[] _errors = [];
    private bool[] _isSaid = [];
    private volatile string? _shortfall;
    private int _shaped = -1;

    /// <inheritdoc/>
    public string Name => "event_log";

    /// <inheritdoc/>
    public string? Shortfall => _shortfall;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        EventTally tally = _tally ?? Begin();
        bool any = false;
        for (int channel = 0; channel < tally.Channels.Count; channel++) any |= TryTake(tally, channel);
        if (!any && Array.Find(_errors, IsShortfall) is { } first) throw first;
        Say();
        if (_shaped != tally.Counts.Count) Shape(columns, tally);
        for (int channel = 0; channel < _errors.Length; channel++)
        {
            bool isMissing = _errors[channel] is { Reason: FailureReason.NotHere };
            Set(columns, channel * 2, isMissing ? 0 : 1, isMissing ? null : _errors[channel]);
            Set(columns, (channel * 2) + 1, _subscriptions[channel].Missed, isMissing ? null : _errors[channel]);
        }

        for (int i = 0; i < tally.Counts.Count; i++) Set(columns, (_errors.Length * 2) + i, tally.Counts[i].Records, _errors[tally.Counts[i].Channel]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IEventSubscription subscription in _subscriptions) subscription.Dispose();
    }

    private EventTally Begin()
    {
        IReadOnlyList<string> chosen = channels();
        _subscriptions = [.. chosen.Select(subscribe)];
        _errors = new SourceException?[chosen.Count];
        _isSaid = new bool[chosen.Count];
        return _tally = new EventTally(chosen);
    }

    private bool TryTake(EventTally tally, int channel)
    {
        try
        {
            _subscriptions[channel].Take(tally, channel, MaxRecords);
            _errors[channel] = null;
            return true;
        }
        catch (SourceException error)
        {
            _errors[channel] = error;
            return false;
        }
    }

    // A channel that the host does not have is no shortfall: its series say so.
    private void Say()
    {
        _shortfall = Array.Exists(_errors, IsShortfall) ? string.Join("; ", _errors.Where(IsShortfall).Select(static error => error!.Message)) : null;
        for (int channel = 0; channel < _errors.Length; channel++)
        {
            if (!IsShortfall(_errors[channel]) || _isSaid[channel]) continue;
            _isSaid[channel] = true;
            EventLogNotices.ChannelFails(logger, _errors[channel]!.Message);
        }
    }

    private static bool IsShortfall(SourceException? error) => error is { Reason: not FailureReason.NotHere };

    private void Shape(Columns columns, EventTally tally)
    {
        _shaped = tally.Counts.Count;
        var parts = new List<SchemaPart>();
        if (tally.Channels.Count > 0) parts.Add(new SchemaPart(Templates.EventLogSubscribed, [.. tally.Channels.Select(static name => (string[])[name])]));
        if (_shaped > 0) parts.Add(new SchemaPart(Templates.EventLogRecords, [.. tally.Counts.Select(count => (string[])[tally.Channels[count.Channel], count.Provider, count.Level])]));
        columns.Shape(parts);
    }

    private static void Set(Columns columns, int series, double value, SourceException? error)
    {
        if (error is null) columns.Set(series, value);
        else columns.Fail(series, error.Reason);
    }
}
