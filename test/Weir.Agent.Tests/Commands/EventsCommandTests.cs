using System.Text.Json;
using Weir.Agent.Commands;
using Weir.Agent.Events;

namespace Weir.Agent.Tests.Commands;

public sealed class EventsCommandTests
{
    private static string Print(EventRecord record, OutputFormat format)
    {
        using var output = new StringWriter();
        EventsPrinter.Print(output, [record], format);
        return output.ToString();
    }

    [Theory]
    [InlineData("0", "--last: '0' is not allowed; allowed: 1 to 1000")]
    [InlineData("1001", "--last: '1001' is not allowed; allowed: 1 to 1000")]
    [InlineData("many", "many")]
    public async Task Events_LastOutOfRange_IsRefused(string last, string said)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["events", "--last", last], output, error));
        Assert.Contains(said, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_UnknownForm_IsRefused()
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["events", "--output", "prometheus"], output, error));
        Assert.StartsWith("--output: 'prometheus' is not allowed; allowed: table, json", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Print_Table_IsOneShortLineWithoutOrdersForTheTerminal()
    {
        var record = new EventRecord(DateTimeOffset.UnixEpoch, "err", "a\u001b[31mb", null, "one\r\n\ttwo\u001b]0;\u202ex\u2066y\U000e0001" + new string('y', 500));
        string line = Print(record, OutputFormat.Table).ReplaceLineEndings("\n").Split('\n')[1];
        Assert.StartsWith("1970-01-01T00:00:00.000Z  err    a [31mb      one two ]0; x y yyy", line, StringComparison.Ordinal);
        Assert.EndsWith("yyy…", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
    }

    [Fact]
    public void Print_Json_HasTheWholeText()
    {
        using JsonDocument json = JsonDocument.Parse(Print(new EventRecord(DateTimeOffset.UnixEpoch, "err", "a", 7, "one\ntwo\u001b"), OutputFormat.Json));
        JsonElement record = json.RootElement[0];
        Assert.Equal(("1970-01-01T00:00:00.000Z", 7, "one\ntwo\u001b"), (record.GetProperty("time").GetString(), record.GetProperty("id").GetInt32(), record.GetProperty("text").GetString()));
    }

    [Fact]
    public void TextOf_LongText_IsCutBetweenTwoCharacters()
    {
        Assert.Equal("a b", EventRecord.TextOf("\r\n a b \r\n"));
        string cut = EventRecord.TextOf(string.Concat(Enumerable.Repeat("😀", EventRecord.MaxText)));
        Assert.InRange(cut.Length, EventRecord.MaxText - 1, EventRecord.MaxText);
        Assert.EndsWith("😀…", cut, StringComparison.Ordinal);
    }
}
