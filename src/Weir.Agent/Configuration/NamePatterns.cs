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

    // As the matcher wants them: a backslash, which names of units and volumes have, makes the next character an ordinary one there.
    private readonly string[] _include = Escaped(Include);
    private readonly string[] _exclude = Escaped(Exclude);
    private readonly bool _ignoreCase = OperatingSystem.IsWindows();

    /// <summary>Says nothing of any name.</summary>
    public static NamePatterns None { get; } = new([], []);

    /// <summary>Whether a name is reported; null: as the collector has it.</summary>
    public bool? Says(string name) =>
        Excludes(name) ? false
        : Include.Count == 0 ? null
        : Includes(name);

    /// <summary>Whether a pattern of <see cref="Include"/> matches a name.</summary>
    public bool Includes(string name) => Matches(_include, name);

    /// <summary>Whether a pattern of <see cref="Exclude"/> matches a name.</summary>
    public bool Excludes(string name) => Matches(_exclude, name);

    /// <inheritdoc/>
    public bool Equals(NamePatterns? other) => other is not null && Include.Equals(other.Include) && Exclude.Equals(other.Exclude);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Include, Exclude);

    private bool Matches(string[] patterns, string name)
    {
        foreach (string pattern in patterns)
            if (FileSystemName.MatchesSimpleExpression(pattern, name, _ignoreCase)) return true;
        return false;
    }

    private static string[] Escaped(IReadOnlyList<string> patterns) => [.. patterns.Select(static pattern => pattern.Replace(@"\", @"\\", StringComparison.Ordinal))];
}
