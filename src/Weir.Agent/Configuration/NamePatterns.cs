using System.IO.Enumeration;

namespace Weir.Agent.Configuration;

/// <summary>Which names a collector reports: patterns with <c>*</c> and <c>?</c>, every other character standing for itself, of any case on Windows.</summary>
/// <param name="Include">Only what matches one of them, also what the collector would leave out by itself; empty: what the collector takes by itself.</param>
/// <param name="Exclude">Never what matches one of them.</param>
public sealed record NamePatterns(IReadOnlyList<string> Include, IReadOnlyList<string> Exclude)
{
    /// <summary>Most patterns of each kind.</summary>
    public const int MaxPatterns = 64;

    /// <summary>Most characters of a pattern.</summary>
    public const int MaxPatternLength = 256;

    /// <inheritdoc cref="NamePatterns(IReadOnlyList{string}, IReadOnlyList{string})"/>
    public IReadOnlyList<string> Include { get; } = new EqualList<string>(Include);

    /// <inheritdoc cref="NamePatterns(IReadOnlyList{string}, IReadOnlyList{string})"/>
    public IReadOnlyList<string> Exclude { get; } = new EqualList<string>(Exclude);

    private readonly bool _ignoreCase = OperatingSystem.IsWindows();

    /// <summary>Says nothing of any name.</summary>
    public static NamePatterns None { get; } = new([], []);

    /// <summary>Whether a name is reported; null: as the collector has it.</summary>
    public bool? Says(string name) =>
        Matches(Exclude, name) ? false
        : Include.Count == 0 ? null
        : Matches(Include, name);

    private bool Matches(IReadOnlyList<string> patterns, string name)
    {
        foreach (string pattern in patterns)
            if (FileSystemName.MatchesSimpleExpression(Escaped(pattern), name, _ignoreCase)) return true;
        return false;
    }

    // A character like others here, as names of units and volumes have it; there it makes the next one such.
    private static string Escaped(string pattern) => pattern.Replace(@"\", @"\\", StringComparison.Ordinal);
}
