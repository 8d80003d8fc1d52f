using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.EventLog;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary>The way of the calls through wevtapi.dll, against one that is built from others' headers.</summary>
[Collection(EventLogCollection.Name)]
public sealed class EventLogTests
{
    private readonly Columns _columns = new();
    private readonly FakeTimeProvider _time = new();

    public EventLogTests()
    {
        FakeEventLog.Require();
        FakeEventLog.SetChannel("System", 0);
        FakeEventLog.SetChannel("Application", 0);
    }

    private EventLogCollector Make(params string[] include) =>
        new(() => EventChannels.Of(new NamePatterns(include, []), EventChannelList.Read), channel => new EventSubscription(channel, _time), NullLogger.Instance);

    private string[] Collect(EventLogCollector collector)
    {
        _columns.Clear();
        collector.Collect(_columns);
        var schema = new Schema(_columns.Parts);
        return
        [
            .. Enumerable.Range(0, _columns.Count).Select(series => string.Concat(
                string.Join(' ', schema.AttributesOf(series).Select(static each => each.Value)), schema.MetricOf(series).Name == "windows.event_log.missed" ? " missed: " : ": ",
                Columns.ReasonOf(_columns.States[series])?.ToString() ?? $"{_columns.Values[series]}")),
        ];
    }

    [Fact]
    public void Collect_Records_AreCountedFromTheSubscriptionOnAndAllIsClosed()
    {
        int before = FakeEventLog.Handles;
        FakeEventLog.Write("System", "Early", 2, 3);
        using (EventLogCollector collector = Make())
        {
            Assert.Equal(["System: 1", "System missed: 0", "Application: 1", "Application missed: 0"], Collect(collector));
            FakeEventLog.Write("System", "Service Control Manager", 2, 130);
            FakeEventLog.Write("System", "Disk", 3, 1);
            FakeEventLog.Write("Application", "MSSQL$X", 0, 2);
            FakeEventLog.Write("Application", "Old", 255, 1);
            Assert.Equal(
                ["System: 1", "System missed: 0", "Application: 1", "Application missed: 0", "System Service Control Manager error: 130", "System Disk warning: 1", "Application MSSQL$X information: 2", "Application Old information: 1"],
                Collect(collector));
            FakeEventLog.Write("System", "Disk", 3, 4);
            Assert.Contains("System Disk warning: 5", Collect(collector));
            // Two subscriptions, what they render with, and where they stand; every record was closed.
            Assert.Equal(before + 6, FakeEventLog.Handles);
        }

        Assert.Equal(before, FakeEventLog.Handles);
    }

    [Fact]
    public void Collect_RecordThatOutgrowsTheBuffer_IsRenderedIntoALargerOne()
    {
        using EventLogCollector collector = Make();
        Collect(collector);
        FakeEventLog.Write("System", new string('x', 1000), 1, 2);
        Assert.Contains($"System {new string('x', 256)} critical: 2", Collect(collector));
    }

    [Fact]
    public void Collect_ChannelsThatRefuse_SayWhyEach()
    {
        FakeEventLog.SetChannel("Security", Wevtapi.AccessDenied);
        using EventLogCollector collector = Make("System", "Security", "Missing");
        Assert.Equal(["System: 1", "System missed: 0", "Security: AccessDenied", "Security missed: AccessDenied", "Missing: 0", "Missing missed: 0"], Collect(collector));
        FakeEventLog.SetChannel("Security", 0);
        Assert.Equal(["System: 1", "System missed: 0", "Security: 1", "Security missed: 0", "Missing: 0", "Missing missed: 0"], Collect(collector));
    }

    [Fact]
    public void Collect_ServiceGoesAndComes_CountsWhatWasWrittenMeanwhile()
    {
        using EventLogCollector collector = Make();
        Collect(collector);
        FakeEventLog.Write("System", "Disk", 3, 1);
        Collect(collector);
        FakeEventLog.SetChannel("System", Wevtapi.ServerUnavailable);
        FakeEventLog.Write("System", "Disk", 3, 100);
        Assert.Contains("System Disk warning: Error", Collect(collector));
        FakeEventLog.Write("System", "Disk", 3, 10);
        Assert.Contains("System Disk warning: Error", Collect(collector));
        FakeEventLog.SetChannel("System", 0);
        Assert.Contains("System Disk warning: 111", Collect(collector));
        FakeEventLog.Write("System", "Disk", 3, 1);
        Assert.Equal(["System: 1", "System missed: 0", "Application: 1", "Application missed: 0", "System Disk warning: 112"], Collect(collector));
    }

    [Fact]
    public void Collect_LogGivesUpRecordsMeanwhile_TheyAreMissed()
    {
        FakeEventLog.SetChannel("Overwritten", 0);
        FakeEventLog.Write("Overwritten", "Old", 3, 5);
        using EventLogCollector collector = Make("Overwritten");
        Collect(collector);
        FakeEventLog.SetChannel("Overwritten", Wevtapi.ServerUnavailable);
        FakeEventLog.Write("Overwritten", "Disk", 3, 10);
        Assert.Throws<SourceException>(() => Collect(collector));
        FakeEventLog.Forget("Overwritten", 5 + 7);
        FakeEventLog.SetChannel("Overwritten", 0);
        Assert.Equal(["Overwritten: 1", "Overwritten missed: 7", "Overwritten Disk warning: 3"], Collect(collector));
    }

    [Fact]
    public void Collect_RecordsTooLargeForOneAnswer_AreReadInSmallerOnesAndWhatNeverFitsIsMissed()
    {
        FakeEventLog.SetChannel("Large", 0);
        FakeEventLog.Write("Large", "Old", 3, 1);
        int before = FakeEventLog.Handles;
        using (EventLogCollector collector = Make("Large"))
        {
            Collect(collector);
            FakeEventLog.Write("Large", "Disk", 3, 40);
            FakeEventLog.WriteLarge("Large", "Dump", 2, isGivenAlone: true);
            FakeEventLog.WriteLarge("Large", "Dump", 2, isGivenAlone: false);
            FakeEventLog.WriteLarge("Large", "Dump", 2, isGivenAlone: true);
            FakeEventLog.Write("Large", "Disk", 3, 200);
            Assert.Equal(["Large: 1", "Large missed: 1", "Large Disk warning: 240", "Large Dump error: 2"], Collect(collector));
            FakeEventLog.Write("Large", "Disk", 3, 1);
            Assert.Equal(["Large: 1", "Large missed: 1", "Large Disk warning: 241", "Large Dump error: 2"], Collect(collector));
        }

        Assert.Equal(before, FakeEventLog.Handles);
    }

    [Fact]
    public void Collect_ChannelThatWasEmpty_IsCountedFromItsFirstRecordAlsoAfterAnError()
    {
        FakeEventLog.SetChannel("Empty", 0);
        using EventLogCollector collector = Make("Empty");
        Collect(collector);
        FakeEventLog.SetChannel("Empty", Wevtapi.ServerUnavailable);
        FakeEventLog.Write("Empty", "First", 4, 3);
        Assert.Throws<SourceException>(() => Collect(collector));
        FakeEventLog.SetChannel("Empty", 0);
        Assert.Contains("Empty First information: 3", Collect(collector));
    }

    [Theory]
    [InlineData("EvtCreateRenderContext", 0)]
    [InlineData("EvtCreateRenderContext", 2)]
    [InlineData("EvtUpdateBookmark", 0)]
    [InlineData("EvtUpdateBookmark", 2)]
    public void Collect_BatchThatFailsBeforeItIsCounted_IsCountedOnce(string function, uint early)
    {
        string name = $"{function}{early}";
        FakeEventLog.SetChannel(name, 0);
        FakeEventLog.Write(name, "Early", 3, early);
        int before = FakeEventLog.Handles;
        using (EventLogCollector collector = Make(name))
        {
            Collect(collector);
            FakeEventLog.Write(name, "Disk", 3, 3);
            FakeEventLog.Refuse(function);
            Assert.Contains(function, Assert.Throws<SourceException>(() => Collect(collector)).Message, StringComparison.Ordinal);
            FakeEventLog.SetChannel(name, Wevtapi.ServerUnavailable);
            Assert.Throws<SourceException>(() => Collect(collector));
            FakeEventLog.SetChannel(name, 0);
            Assert.Equal([$"{name}: 1", $"{name} missed: 0", $"{name} Disk warning: 3"], Collect(collector));
        }

        Assert.Equal(before, FakeEventLog.Handles);
    }

    [Fact]
    public void Collect_NewestRecordIsNotHandedOutAtTheStart_CountsWhatComes()
    {
        FakeEventLog.SetChannel("Refused newest", 0);
        FakeEventLog.Write("Refused newest", "Old", 3, 5);
        FakeEventLog.WriteLarge("Refused newest", "Dump", 2, isGivenAlone: false);
        FakeEventLog.Forget("Refused newest", 2);
        int before = FakeEventLog.Handles;
        using (EventLogCollector collector = Make("Refused newest"))
        {
            Assert.Equal(["Refused newest: 1", "Refused newest missed: 0"], Collect(collector));
            FakeEventLog.Write("Refused newest", "Disk", 3, 3);
            Assert.Equal(["Refused newest: 1", "Refused newest missed: 0", "Refused newest Disk warning: 3"], Collect(collector));
        }

        Assert.Equal(before, FakeEventLog.Handles);
    }

    [Fact]
    public void Collect_FirstRecordOfAnEmptyChannelIsNotHandedOut_IsMissedAndTheRestCounted()
    {
        FakeEventLog.SetChannel("Refused first", 0);
        FakeEventLog.Write("Refused first", "Old", 3, 4);
        FakeEventLog.Forget("Refused first", 4);
        using EventLogCollector collector = Make("Refused first");
        Collect(collector);
        FakeEventLog.WriteLarge("Refused first", "Dump", 2, isGivenAlone: false);
        FakeEventLog.Write("Refused first", "Disk", 3, 3);
        Assert.Equal(["Refused first: 1", "Refused first missed: 1", "Refused first Disk warning: 3"], Collect(collector));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public void Collect_SubscriptionCeasesToWork_IsMadeAnewBehindTheLastRecordOnceNothingHasComeForMinutes(uint early)
    {
        string name = $"Deaf {early}";
        FakeEventLog.SetChannel(name, 0);
        FakeEventLog.Write(name, "Early", 3, early);
        int before = FakeEventLog.Handles;
        using (EventLogCollector collector = Make(name))
        {
            Collect(collector);
            FakeEventLog.Deafen(name);
            FakeEventLog.Write(name, "Disk", 3, 3);
            _time.Advance(EventSubscription.Quiet - TimeSpan.FromSeconds(1));
            Assert.Equal([$"{name}: 1", $"{name} missed: 0"], Collect(collector));
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal([$"{name}: 1", $"{name} missed: 0", $"{name} Disk warning: 3"], Collect(collector));
            // What is merely quiet is left as it is.
            int subscriptions = FakeEventLog.Subscriptions;
            _time.Advance(EventSubscription.Quiet);
            Collect(collector);
            Assert.Equal(subscriptions, FakeEventLog.Subscriptions);
        }

        Assert.Equal(before, FakeEventLog.Handles);
    }

    [Fact]
    public void Collect_CallsThatAnswerNothing_MeanThatThereIsNoEventLog()
    {
        FakeEventLog.SetChannel("System", FakeEventLog.Silent);
        Assert.Equal(["System: 0", "System missed: 0"], Collect(Make("System")));
    }

    [Fact]
    public void Collect_Pattern_IsMatchedAgainstTheSystemsChannels()
    {
        FakeEventLog.SetChannel("Vendor/Admin", 0);
        using EventLogCollector collector = Make("Vendor/*", "System");
        Assert.Equal(["System: 1", "System missed: 0", "Vendor/Admin: 1", "Vendor/Admin missed: 0"], Collect(collector));
    }

    [Fact]
    public void Collect_SteadyRecords_AllocateNothing()
    {
        using EventLogCollector collector = Make();
        for (int tick = 0; tick < 5; tick++) CollectOne();
        long allocated = 0;
        for (int tick = 0; tick < 5; tick++) allocated += CollectOne();
        Assert.Equal(0, allocated);

        long CollectOne()
        {
            FakeEventLog.Write("System", "Disk", 3, 100);
            long before = GC.GetAllocatedBytesForCurrentThread();
            collector.Collect(_columns);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
