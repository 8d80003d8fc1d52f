using System.Text.Json;

namespace Weir.Architecture.Tests;

/// <summary>THIRD-PARTY-NOTICES names what is used, no more and no less. <c>eng/notices</c> writes it.</summary>
public sealed class ThirdPartyNoticesTests
{
    private const string NpmLock = "src/Weir.Console/package-lock.json";

    private static readonly string[] KnownLicences = ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

    [Fact]
    public void Every_NuGet_package_of_the_product_is_listed_and_no_other()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        string[] locks = [.. Repository.FilesOf(["src"], "packages.lock.json")];
        Assert.NotEmpty(locks);
        foreach (string file in locks)
        {
            using JsonDocument document = JsonDocument.Parse(Repository.Read(file));
            foreach (JsonProperty framework in document.RootElement.GetProperty("dependencies").EnumerateObject())
                foreach (JsonProperty package in framework.Value.EnumerateObject())
                    if (package.Value.GetProperty("type").GetString() != "Project") used.Add($"{package.Name} {package.Value.GetProperty("resolved").GetString()}");
        }

        AssertListed(used, "NuGet");
    }

    [Fact]
    public void Every_npm_package_of_the_console_is_listed_and_no_other()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        if (Repository.Files.Contains(NpmLock))
        {
            const string Folder = "node_modules/";
            using JsonDocument document = JsonDocument.Parse(Repository.Read(NpmLock));
            foreach (JsonProperty package in document.RootElement.GetProperty("packages").EnumerateObject())
                if (package.Name.LastIndexOf(Folder, StringComparison.Ordinal) is >= 0 and var at)
                    used.Add($"{package.Name[(at + Folder.Length)..]} {package.Value.GetProperty("version").GetString()}");
        }

        AssertListed(used, "npm");
    }

    [Fact]
    public void Every_listed_package_has_a_known_licence_whose_text_is_there_and_a_copyright()
    {
        string[][] lines = [.. Section("NuGet"), .. Section("npm")];
        Assert.NotEmpty(lines);
        string[] all = Repository.Lines("THIRD-PARTY-NOTICES");
        Assert.All(lines, line =>
        {
            Assert.Equal(4, line.Length);
            Assert.Contains(line[2], KnownLicences);
            Assert.Contains($"---- {line[2]} ----", all);
            Assert.NotEqual("", line[3]);
        });
    }

    private static void AssertListed(SortedSet<string> used, string section)
    {
        string[] listed = [.. Section(section).Select(static line => $"{line[0]} {line[1]}")];
        string[] missing = [.. used.Except(listed)];
        string[] leftOver = [.. listed.Except(used)];
        Assert.True(
            missing.Length + leftOver.Length == 0,
            $"THIRD-PARTY-NOTICES is not in step, run eng/notices. Not listed: {string.Join(", ", missing)}. No longer used: {string.Join(", ", leftOver)}.");
    }

    private static IEnumerable<string[]> Section(string name) => Repository.Lines("THIRD-PARTY-NOTICES")
        .SkipWhile(line => line != $"[{name}]").Skip(1)
        .TakeWhile(static line => line.Contains(" | ", StringComparison.Ordinal))
        .Select(static line => line.Split(" | "));
}
