using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Tests.Collectors.Processes;

public sealed class ProcessNameTextTests
{
    [Theory]
    [InlineData("my prog (v1)", "my prog (v1)")]
    [InlineData("line\nend\t\u0085", "line?end??")]
    [InlineData("größe\"'", "größe\"'")]
    [InlineData("", "?")]
    public void Of_Text_IsKeptButForControlCharacters(string name, string expected)
    {
        Assert.Equal(expected, ProcessNameText.Of(System.Text.Encoding.UTF8.GetBytes(name)));
        Assert.Equal(expected, ProcessNameText.Of(name.AsSpan()));
    }

    [Fact]
    public void Of_BytesThatAreNoUtf8_BecomeQuestionMarks() => Assert.Equal("a?b?", ProcessNameText.Of([(byte)'a', 0xFF, (byte)'b', 0xC3]));

    [Fact]
    public void Of_LoneSurrogate_BecomesAQuestionMark() => Assert.Equal("a?b", ProcessNameText.Of("a\uD800b".AsSpan()));

    [Fact]
    public void Of_LongName_IsCutBetweenCharacters()
    {
        string name = ProcessNameText.Of(new string('x', 127) + "\U0001F600tail");
        Assert.Equal(new string('x', 127), name);
    }
}
