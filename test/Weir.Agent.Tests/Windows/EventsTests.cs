using System.Text.Json;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.EventLog;
using Weir.Agent.Commands;
using Weir.Agent.Events;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary><c>weir-agent events</c> on a channel of the scripted event log.</summary>
[Collection(EventLogCollection.Name)]
public sealed class EventsTests
{
    public EventsTests() => FakeEventLog.Require();

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = await AgentCommandLine.RunAsync(["events", .. arguments], output, error);
        return (code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Events_Channel_PrintsTheNewestFirstWithWhatPublishersOrTheDataSay()
    {
        FakeEventLog.SetChannel("Print", 0);
        FakeEventLog.WriteMessage("Print", "Old", 4, 1, "not asked for");
        FakeEventLog.WriteMessage("Print", "Service Control Manager", 2, 7034, "The x service\r\nterminated unexpectedly.");
        FakeEventLog.WriteMessage("Print", "Unknown", 3, 9, "nobody knows its words");
        FakeEventLog.WriteMessage("Print", "Wordless", 255, 10, "");
        (int code, string output, string error) = await RunAsync("--channel", "Print", "--last", "3");
        Assert.Equal((ExitCodes.Ok, ""), (code, error));
        Assert.Equal(
            """
            TIME                      LEVEL        SOURCE                     ID  TEXT
            2026-01-01T00:00:04.000Z  information  Wordless                   10  <EventData><Data>Wordless</Data></EventData>
            2026-01-01T00:00:03.000Z  warning      Unknown                     9  <EventData><Data>Unknown</Data></EventData>
            2026-01-01T00:00:02.000Z  error        Service Control Manager  7034  The x service terminated unexpectedly.

            """.ReplaceLineEndings("\n"),
            output);
    }

    [Fact]
    public async Task Events_Json_HasTheWholeTextAndIsBounded()
    {
        FakeEventLog.SetChannel("Json", 0);
        FakeEventLog.Write("Json", "Chatter", 4, 1500);
        FakeEventLog.WriteLarge("Json", "Dump", 4, isGivenAlone: true);
        FakeEventLog.WriteMessage("Json", "Disk", 3, 51, "first line\nsecond");
        (_, string output, _) = await RunAsync("--channel", "Json", "--last", "1000", "--output", "json");
        using JsonDocument records = JsonDocument.Parse(output);
        Assert.Equal(1000, records.RootElement.GetArrayLength());
        JsonElement newest = records.RootElement[0];
        Assert.Equal(("warning", "Disk", 51, "first line\nsecond"), (newest.GetProperty("level").GetString(), newest.GetProperty("source").GetString(), newest.GetProperty("id").GetInt32(), newest.GetProperty("text").GetString()));
    }

    [Theory]
    [InlineData("Closed", Wevtapi.AccessDenied, "channel Closed cannot be read: the account needs group Event Log Readers")]
    [InlineData("Away", Wevtapi.ServerUnavailable, "the service of the event log does not answer")]
    [InlineData("Wine", FakeEventLog.Silent, "this system has no event log that can be read")]
    public async Task Events_ChannelThatRefuses_SaysWhy(string channel, uint error, string expected)
    {
        FakeEventLog.SetChannel(channel, error);
        (int code, string output, string said) = await RunAsync("--channel", channel);
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.StartsWith(expected, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_UnknownChannel_SaysSo() => Assert.Equal((ExitCodes.Failed, "", "this host has no channel Nowhere\n"), await RunAsync("--channel", "Nowhere"));

    [Fact]
    public void Read_UpToARecordThatIsNotHandedOut_NamesItAndClosesAll()
    {
        FakeEventLog.SetChannel("Closing", 0);
        FakeEventLog.Write("Closing", "A", 2, 100);
        FakeEventLog.WriteLarge("Closing", "B", 2, isGivenAlone: false);
        FakeEventLog.Write("Closing", "C", 3, 100);
        int before = FakeEventLog.Handles;
        IReadOnlyList<EventRecord> records = EventLogReader.Read("Closing", 200);
        Assert.Equal((101, before), (records.Count, FakeEventLog.Handles));
        Assert.Equal(("C", "the system does not hand out this record, nor with it those before it"), (records[99].Source, records[100].Text));
    }
}
