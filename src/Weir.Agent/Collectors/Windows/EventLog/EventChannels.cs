using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>Which channels are counted: System and Application, or those that <c>include</c> names.</summary>
internal static class EventChannels
{
    /// <summary>Most channels; a system has a thousand, most of them for debugging.</summary>
    public const int Most = 32;

    private static readonly string[] Defaults = ["System", "Application"];

    /// <summary>Chooses.</summary>
    /// <param name="names">What the configuration includes and excludes.</param>
    /// <param name="all">Gives every channel of the system; asked only where a pattern needs it.</param>
    /// <exception cref="SourceException">More than <see cref="Most"/> match.</exception>
    public static IReadOnlyList<string> Of(NamePatterns names, Func<IEnumerable<string>> all)
    {
        IEnumerable<string> candidates = names.Include.Count == 0 ? Defaults : names.Include.Where(static each => !IsPattern(each));
        if (names.Include.Any(IsPattern)) candidates = candidates.Concat(all());
        string[] chosen = [.. candidates.Where(each => names.Says(each) ?? true).Distinct(StringComparer.OrdinalIgnoreCase).Take(Most + 1)];
        return chosen.Length <= Most ? chosen : throw new SourceException(FailureReason.Error, $"more than {Most} channels match the collector's include: name fewer");
    }

    private static bool IsPattern(string name) => name.AsSpan().ContainsAny('*', '?');
}
