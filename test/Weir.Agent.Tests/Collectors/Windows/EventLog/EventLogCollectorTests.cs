using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.EventLog;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Windows.EventLog;

public sealed class EventLogCollectorTests
{
    private readonly Dictionary<string, ScriptedChannel> _channels = new() { ["System"] = new(), ["Security"] = new() };
    private readonly Columns _columns = new();

    private readonly RecordedLog _log = new();

    private EventLogCollector Make() => new(() => [.. _channels.Keys], name => _channels[name], _log);

    private string[] Collect(EventLogCollector collector)
    {
        _columns.Clear();
        collector.Collect(_columns);
        var schema = new Schema(_columns.Parts);
        return [.. Enumerable.Range(0, _columns.Count).Select(series => $"{schema.MetricOf(series).Name}{{{string.Join(',', schema.AttributesOf(series).Select(static each => each.Value))}}} {Columns.ReasonOf(_columns.States[series])?.ToString() ?? $"{_columns.Values[series]}"}")];
    }

    [Fact]
    public void Collect_NoRecordsYet_SaysWhatItIsSubscribedTo() =>
        Assert.Equal(["windows.event_log.subscribed{System} 1", "windows.event_log.missed{System} 0", "windows.event_log.subscribed{Security} 1", "windows.event_log.missed{Security} 0"], Collect(Make()));

    [Fact]
    public void Collect_Records_AreCountedUpAndKeepTheirSeries()
    {
        using EventLogCollector collector = Make();
        _channels["System"].Write("Disk", 2, 3);
        Assert.Contains("windows.event_log.records{System,Disk,error} 3", Collect(collector));
        IReadOnlyList<SchemaPart> parts = _columns.Parts;
        _channels["System"].Write("Disk", 2, 1);
        Assert.Contains("windows.event_log.records{System,Disk,error} 4", Collect(collector));
        Assert.Same(parts, _columns.Parts);
        _channels["Security"].Write("Auditing", 0, 1);
        Assert.Equal(6, Collect(collector).Length);
    }

    [Fact]
    public void Collect_ChannelThatMayNotBeRead_FailsItsOwnSeriesAndComesBack()
    {
        using EventLogCollector collector = Make();
        _channels["Security"].Write("Auditing", 0, 2);
        Collect(collector);
        _channels["Security"].Error = EventLogFailure.Of("EvtNext", "Security", Wevtapi.AccessDenied);
        _channels["System"].Write("Disk", 2, 1);
        Assert.Equal(
            [
                "windows.event_log.subscribed{System} 1", "windows.event_log.missed{System} 0", "windows.event_log.subscribed{Security} AccessDenied", "windows.event_log.missed{Security} AccessDenied",
                "windows.event_log.records{Security,Auditing,information} AccessDenied", "windows.event_log.records{System,Disk,error} 1",
            ],
            Collect(collector));
        Collect(collector);
        Assert.StartsWith("1850 Collector event_log: channel Security cannot be read: the account needs group Event Log Readers (net localgroup", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.StartsWith("channel Security cannot be read: the account needs group Event Log Readers", collector.Shortfall, StringComparison.Ordinal);
        _channels["Security"].Error = null;
        _channels["Security"].Missed = 3;
        string[] back = Collect(collector);
        Assert.Contains("windows.event_log.records{Security,Auditing,information} 2", back);
        Assert.Contains("windows.event_log.missed{Security} 3", back);
        Assert.Null(collector.Shortfall);
    }

    [Fact]
    public void Collect_NoChannelCanBeRead_FailsWithTheFirstReason()
    {
        _channels["System"].Error = EventLogFailure.Of("EvtSubscribe", "System", Wevtapi.ChannelNotFound);
        _channels["Security"].Error = EventLogFailure.Of("EvtSubscribe", "Security", Wevtapi.AccessDenied);
        SourceException error = Assert.Throws<SourceException>(() => Collect(Make()));
        Assert.Equal(FailureReason.AccessDenied, error.Reason);
    }

    [Fact]
    public void Collect_HostWithoutTheChannels_SaysSoWithoutFailing()
    {
        foreach ((string name, ScriptedChannel channel) in _channels) channel.Error = EventLogFailure.Of("EvtSubscribe", name, 0);
        Assert.Equal(["windows.event_log.subscribed{System} 0", "windows.event_log.missed{System} 0", "windows.event_log.subscribed{Security} 0", "windows.event_log.missed{Security} 0"], Collect(Make()));
    }

    [Fact]
    public void Collect_Flood_IsTakenOverSeveralTicks()
    {
        using EventLogCollector collector = Make();
        _channels["System"].Write("Chatter", 4, 25_000);
        Assert.Contains("windows.event_log.records{System,Chatter,information} 10000", Collect(collector));
        Assert.Contains("windows.event_log.records{System,Chatter,information} 20000", Collect(collector));
        Assert.Contains("windows.event_log.records{System,Chatter,information} 25000", Collect(collector));
    }

    [Fact]
    public void Collect_NothingNew_AllocatesNothing()
    {
        using EventLogCollector collector = Make();
        _channels["System"].Write("Disk", 2, 3);
        for (int tick = 0; tick < 10; tick++) collector.Collect(_columns);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int tick = 0; tick < 10; tick++) collector.Collect(_columns);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Of_Error_SaysWhichRightIsMissing()
    {
        SourceException error = EventLogFailure.Of("EvtSubscribe", "Security", Wevtapi.AccessDenied);
        Assert.Equal(FailureReason.AccessDenied, error.Reason);
        Assert.Contains("net localgroup \"Event Log Readers\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(FailureReason.NotHere, EventLogFailure.Of("EvtSubscribe", "Nothing", Wevtapi.ChannelNotFound).Reason);
        Assert.Contains("error 15011", EventLogFailure.Of("EvtNext", "System", 15011).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChannelsOf_Names_ArePatternsOnlyWhereTheyNeedTheList()
    {
        IEnumerable<string> Never() => throw new InvalidOperationException("asked");
        Assert.Equal(["System", "Application"], EventChannels.Of(NamePatterns.None, Never));
        Assert.Equal(["System"], EventChannels.Of(new NamePatterns([], ["App*"]), Never));
        Assert.Equal(["Security", "System"], EventChannels.Of(new NamePatterns(["Security", "System"], []), Never));
        Assert.Equal(["System", "Hyper-V/Admin"], EventChannels.Of(new NamePatterns(["System", "Hyper-V/*"], ["*/Debug"]), static () => ["System", "Hyper-V/Admin", "Hyper-V/Debug", "Other"]));
        Assert.Contains("more than 32", Assert.Throws<SourceException>(() => EventChannels.Of(new NamePatterns(["*"], []), static () => Enumerable.Range(0, 33).Select(static i => $"C{i}"))).Message, StringComparison.Ordinal);
    }

    private sealed class ScriptedChannel : IEventSubscription
    {
        private readonly Queue<(string Provider, int Level)> _records = [];

        public SourceException? Error { get; set; }

        public long Missed { get; set; }

        public void Write(string provider, int level, int count)
        {
            for (int i = 0; i < count; i++) _records.Enqueue((provider, level));
        }

        public void Take(EventTally tally, int channel, int most)
        {
            if (Error is not null) throw Error;
            for (int i = 0; i < most && _records.TryDequeue(out (string Provider, int Level) record); i++) tally.Add(channel, record.Provider, record.Level);
        }

        public void Dispose()
        {
        }
    }
}
