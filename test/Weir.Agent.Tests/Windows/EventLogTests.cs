using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.EventLog;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary>The system's event log; wine has none, and says so by answering nothing.</summary>
public sealed class EventLogTests
{
    [Fact]
    public void Collect_System_IsSubscribedOrSaysThatThereIsNone()
    {
        using var collector = new EventLogCollector(() => EventChannels.Of(NamePatterns.None, EventChannelList.Read), EventSubscription.Open);
        var columns = new Columns();
        for (int tick = 0; tick < 2; tick++)
        {
            columns.Clear();
            SourceException? error = null;
            try
            {
                collector.Collect(columns);
            }
            catch (SourceException caught)
            {
                error = caught;
            }

            if (error is null) Assert.Equal(1, columns.Values[0]);
            else Assert.Equal((FailureReason.NotHere, "this system has no event log that can be read: EvtSubscribe of System answers nothing"), (error.Reason, error.Message));
        }
    }

    [Fact]
    public void Read_Channels_AreListedOrSaidNotToBe()
    {
        try
        {
            Assert.Contains("System", EventChannelList.Read());
        }
        catch (SourceException error)
        {
            Assert.Equal(FailureReason.NotHere, error.Reason);
        }
    }
}
