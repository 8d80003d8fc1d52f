using System.Text;
using CsCheck;
using Weir.Agent.Services.Windows;

namespace Weir.Agent.Tests.Services;

public sealed class WindowsCommandLineTests
{
    private static readonly Gen<string> Argument = Gen.Char[" \\\"a%'^&|:"].Array[0, 12].Select(static characters => new string(characters));

    [Fact]
    public void Join_PathWithSpaces_StandsInQuotes() =>
        Assert.Equal(@"""C:\Program Files\Weir\weir-agent.exe"" ""run"" ""D:\data\\""", WindowsCommandLine.Join(@"C:\Program Files\Weir\weir-agent.exe", ["run", @"D:\data\"]));

    [Fact]
    public void Join_AnyArguments_AreReadBackAsTheyWere() =>
        Argument.Array[0, 5].Sample(static arguments => Assert.Equal(arguments, Split(WindowsCommandLine.Join(@"C:\a b\c.exe", arguments))));

    [Fact]
    public void ArgumentsOf_AnyThatWereJoined_AreThose() =>
        Argument.Array[0, 5].Sample(static arguments => Assert.Equal(arguments, WindowsCommandLine.ArgumentsOf(WindowsCommandLine.Join(@"C:\a b\c.exe", arguments))));

    [Theory]
    [InlineData(@"C:\a\b.exe run  --data ""C:\x y\\"" --gateway a:1", new[] { "run", "--data", @"C:\x y\", "--gateway", "a:1" })]
    [InlineData(@"""C:\a b.exe""", new string[0])]
    [InlineData("C:\\b.exe", new string[0])]
    [InlineData("\"C:\\b.exe", new string[0])]
    [InlineData(@"b.exe a""b c""d\\e \""f\", new[] { @"ab cd\\e", @"""f\" })]
    public void ArgumentsOf_LineThatOthersWrote_IsReadByTheSystemsRules(string line, string[] arguments) => Assert.Equal(arguments, WindowsCommandLine.ArgumentsOf(line));

    [Theory]
    [InlineData("C:\\a\"b.exe")]
    [InlineData("C:\\a\nb.exe")]
    public void Join_ProgramThatNoQuotesCanHold_IsRefused(string program) => Assert.Throws<ArgumentException>(() => WindowsCommandLine.Join(program, []));

    [Fact]
    public void Join_ArgumentWithNul_IsRefused() => Assert.Throws<ArgumentException>(static () => WindowsCommandLine.Join("a.exe", ["b\0c"]));

    // The documented rules of CommandLineToArgvW, behind the program's own quoted part.
    private static List<string> Split(string line)
    {
        var found = new List<string>();
        int at = line.IndexOf('"', 1) + 1;
        while (at < line.Length)
        {
            while (at < line.Length && line[at] == ' ') at++;
            var text = new StringBuilder();
            bool isQuoted = false;
            for (; at < line.Length && (isQuoted || line[at] != ' '); at++)
            {
                int backslashes = 0;
                while (at < line.Length && line[at] == '\\')
                {
                    backslashes++;
                    at++;
                }

                bool isQuote = at < line.Length && line[at] == '"';
                text.Append('\\', isQuote ? backslashes / 2 : backslashes);
                if (isQuote && backslashes % 2 == 1) text.Append('"');
                else if (isQuote) isQuoted = !isQuoted;
                else if (at < line.Length && (isQuoted || line[at] != ' ')) text.Append(line[at]);
                else at--;
            }

            found.Add(text.ToString());
        }

        return found;
    }
}
