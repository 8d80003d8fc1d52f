using System.Globalization;

namespace Weir.Agent.Configuration;

/// <summary>A key that the reader asked for: what is allowed, and what holds. Made while a configuration is read, so that it cannot differ from the reader.</summary>
/// <remarks>Belongs to one reading; <c>config print</c> and <c>config schema</c> are made of it.</remarks>
/// <param name="Key">Its name within its section; empty for the whole file and for what stands in a list.</param>
/// <param name="Kind">What stands behind it.</param>
internal sealed record ConfigNode(string Key, ConfigKind Kind)
{
    private readonly List<ConfigNode> _children = [];

    /// <summary>What is allowed, for people; null for sections.</summary>
    public string? Allowed { get; init; }

    /// <summary>The value that holds, as it is written; null where there is none.</summary>
    public string? Value { get; set; }

    /// <summary>The values of a list of texts.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Least of a number.</summary>
    public int? Min { get; init; }

    /// <summary>Most of a number.</summary>
    public int? Max { get; init; }

    /// <summary>Most items of a list.</summary>
    public int? MostItems { get; init; }

    /// <summary>Whether a section takes only the keys that are known: where the reader refuses the others.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether lists show one item of what they may hold although the file has none: for the schema.</summary>
    public bool IsProbe { get; init; }

    /// <summary>The keys below, in the order they were asked for; the items of a list of sections.</summary>
    public IReadOnlyList<ConfigNode> Children => _children;

    /// <summary>The child of a name.</summary>
    public ConfigNode this[string key] => _children.First(child => child.Key == key);

    /// <summary>Takes a key in; one that is asked for again counts once.</summary>
    public ConfigNode Add(ConfigNode child)
    {
        if (Kind == ConfigKind.Section && _children.Find(known => known.Key == child.Key) is { } known) return known;
        _children.Add(child);
        return child;
    }

    /// <summary>A section or list below.</summary>
    public ConfigNode Below(string key, ConfigKind kind) => Add(new ConfigNode(key, kind) { IsProbe = IsProbe });

    /// <summary>The kind of a value of a type.</summary>
    public static ConfigKind KindOf<T>() =>
        typeof(T) == typeof(bool) || typeof(T) == typeof(bool?) ? ConfigKind.Flag
        : typeof(T) == typeof(int) || typeof(T) == typeof(int?) ? ConfigKind.Number
        : typeof(T) == typeof(long) || typeof(T) == typeof(long?) ? ConfigKind.Size
        : typeof(T) == typeof(TimeSpan) || typeof(T) == typeof(TimeSpan?) ? ConfigKind.Duration
        : typeof(T).IsEnum ? ConfigKind.Choice
        : ConfigKind.Text;

    /// <summary>A default as it is written; null where there is none.</summary>
    /// <param name="value">The default.</param>
    /// <param name="words">The words for the values of an enum, in its order.</param>
    public static string? Write<T>(T value, string words = "") => value switch
    {
        null or "" => null,
        true => "true",
        false => "false",
        TimeSpan time => Duration.Format(time),
        Enum word => words.Split(", ")[Convert.ToInt32(word, CultureInfo.InvariantCulture)],
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
