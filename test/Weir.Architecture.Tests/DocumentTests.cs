using System.Text.RegularExpressions;

namespace Weir.Architecture.Tests;

/// <summary>The documents hang together.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] DecisionHeadings = ["## Context", "## Choice", "## Alternatives", "## What would change our mind"];

    [Fact]
    public void Links_between_files_of_the_repository_lead_somewhere()
    {
        string[] documents = [.. Repository.Files.Where(static file => file.EndsWith(".md", StringComparison.Ordinal))];
        Assert.NotEmpty(documents);
        var broken = new List<string>();
        foreach (string document in documents)
        {
            foreach (Match link in Link().Matches(WithoutCode(Repository.Read(document))))
            {
                string target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal)) continue;
                string path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.Absolute(document))!, target));
                if (!File.Exists(path) && !Directory.Exists(path)) broken.Add($"{document} -> {target}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Fact]
    public void Every_decision_is_numbered_in_the_index_and_complete()
    {
        const string Folder = "docs/decisions/";
        string index = Repository.Read(Folder + "README.md");
        string[] records = [.. Repository.FilesOf(["docs/decisions"], ".md").Select(static file => file[Folder.Length..]).Where(static file => file != "README.md")];
        Assert.NotEmpty(records);
        Assert.Equal(Enumerable.Range(1, records.Length).Select(static number => $"{number:D4}-"), records.Select(static record => record[..5]));
        foreach (string record in records)
        {
            Assert.Contains($"]({record})", index, StringComparison.Ordinal);
            string[] lines = Repository.Lines(Folder + record);
            Assert.StartsWith($"# {record[..4]} ", lines[0], StringComparison.Ordinal);
            Assert.Equal(DecisionHeadings, lines.Where(static line => line.StartsWith("## ", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_format_page_stands_in_the_index_of_formats()
    {
        string architecture = Repository.Read("docs/architecture.md");
        string[] unlisted = [.. Repository.FilesOf(["docs/formats"], ".md").Where(page => !architecture.Contains(page["docs/".Length..], StringComparison.Ordinal))];
        Assert.True(unlisted.Length == 0, $"docs/architecture.md, Formats, lacks {string.Join(", ", unlisted)}");
    }

    [Fact]
    public void Every_test_that_the_fault_matrix_names_exists()
    {
        string[] proofs = [.. Repository.Lines("docs/reliability.md").Where(static line => FaultRow().IsMatch(line)).Select(static line => line.Split('|')[4])];
        Assert.Equal(37, proofs.Length);
        string tests = string.Join('\n', Repository.FilesOf(["test"], ".cs").Select(Repository.Read));
        string[] unknown = [.. proofs.SelectMany(static proof => InlineCode().Matches(proof)).Select(static name => name.Value.Trim('`')).Distinct().Where(name => !tests.Contains($" {name}(", StringComparison.Ordinal))];
        Assert.True(unknown.Length == 0, $"no such test: {string.Join(", ", unknown)}");
        Assert.All(proofs, static proof => Assert.True(proof.Contains("not yet", StringComparison.Ordinal) || InlineCode().IsMatch(proof), $"neither a test nor 'not yet': {proof}"));
    }

    // Code may hold what looks like a link: an indexer call, a PromQL range.
    private static string WithoutCode(string text) => InlineCode().Replace(FencedCode().Replace(text, ""), "");

    [GeneratedRegex(@"!?\[[^\]]*\]\((?<target>[^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCode();

    [GeneratedRegex(@"^\| \d+ \|")]
    private static partial Regex FaultRow();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();
}
