using System.Text.RegularExpressions;

namespace Weir.Architecture.Tests;

/// <summary>House rules that no analyzer knows.</summary>
public sealed partial class SourceRulesTests
{
    private const int MaxLines = 600;

    private static readonly string[] Code = ["src", "test", "bench"];
    private static readonly string[] Kinds = [".cs", ".razor", ".mjs", ".js", ".css", ".proto", ".csproj"];

    // Each stands in two parts, so that this file is not its own finding.
    private static readonly string[] NotOurWords = ["data" + "point", "data " + "point", "key" + "frame", "DL" + "Q", "dead " + "letter", "dead-" + "letter"];

    private static readonly string[] Unfinished = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:"];

    [Fact]
    public void No_file_is_longer_than_the_ceiling()
    {
        string[] files = [.. Repository.FilesOf(Code, Kinds)];
        Assert.NotEmpty(files);
        string[] tooLong = [.. files.Select(static file => (file, lines: Repository.Lines(file).Length)).Where(static each => each.lines > MaxLines).Select(static each => $"{each.file}: {each.lines} lines")];
        AssertNone(tooLong);
    }

    [Fact]
    public void Only_words_of_the_vocabulary_are_used()
    {
        // Style sheets have one of the words as their own; lock files hold hashes.
        string[] files = [.. Texts().Where(static file => !file.EndsWith(".css", StringComparison.Ordinal) && !file.EndsWith("lock.json", StringComparison.Ordinal))];
        AssertNone(Find(files, NotOurWords, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Nothing_is_left_for_later_in_the_code() => AssertNone(Find(Repository.FilesOf(Code, Kinds), Unfinished, StringComparison.Ordinal));

    [Fact]
    public void No_text_names_a_path_of_the_machine_it_was_written_on()
    {
        string[] findings = [.. Texts().SelectMany(static file => Numbered(file).Where(static line => MachinePath().IsMatch(line.Text)).Select(line => $"{file}:{line.Number}: {line.Text.Trim()}"))];
        AssertNone(findings);
    }

    [Fact]
    public void Every_suppression_gives_its_reason_on_the_same_line()
    {
        string[] findings = [.. Repository.FilesOf(Code, ".cs").SelectMany(static file => Numbered(file).Where(static line => IsBareSuppression(line.Text)).Select(line => $"{file}:{line.Number}: {line.Text.Trim()}"))];
        AssertNone(findings);
    }

    [Theory]
    [InlineData("#pragma warning disable " + "CA1000", true)]
    [InlineData("#pragma warning disable " + "CA1000 // why", false)]
    [InlineData("[Suppress" + "Message(\"A\", \"B\")]", true)]
    [InlineData("[Suppress" + "Message(\"A\", \"B\", Justification = \"why\")]", false)]
    public void IsBareSuppression_Line_IsSeen(string line, bool bare) => Assert.Equal(bare, IsBareSuppression(line));

    [Theory]
    [InlineData("open(\"/ro" + "ot/.nuget\")", true)]
    [InlineData("see /wo" + "rk/x", true)]
    [InlineData("/t" + "mp/wt/a", true)]
    [InlineData("/ho" + "me/ann/weir", true)]
    [InlineData("a http://host/work/x", false)]
    [InlineData("the framework/work", false)]
    public void MachinePath_Text_IsSeen(string text, bool seen) => Assert.Equal(seen, MachinePath().IsMatch(text));

    // Assert.Empty cuts its list short; here each line is needed.
    private static void AssertNone(IEnumerable<string> findings)
    {
        string text = string.Join('\n', findings);
        Assert.True(text.Length == 0, text);
    }

    private static bool IsBareSuppression(string line) =>
        (line.Contains("#pragma warning disable" + " ", StringComparison.Ordinal) && !line.Contains("//", StringComparison.Ordinal) && !line.Contains("\"#pragma", StringComparison.Ordinal))
        || (line.Contains("[Suppress" + "Message(", StringComparison.Ordinal) && !line.Contains("Justification = \"", StringComparison.Ordinal));

    private static IEnumerable<string> Texts() => Repository.Files.Where(Repository.IsText);

    private static IEnumerable<(int Number, string Text)> Numbered(string file) => Repository.Lines(file).Select(static (text, index) => (index + 1, text));

    private static IEnumerable<string> Find(IEnumerable<string> files, string[] words, StringComparison comparison)
    {
        foreach (string file in files)
            foreach ((int number, string text) in Numbered(file))
                if (words.FirstOrDefault(word => text.Contains(word, comparison)) is { } found) yield return $"{file}:{number}: {found}";
    }

    [GeneratedRegex(@"(?<![\w.\-/])/(work|root|tmp/wt|home/\w+)/")]
    private static partial Regex MachinePath();
}
