using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Weir.Agent.Configuration;

/// <summary>One mapping of the file while it is read: gives typed values, gathers what is wrong, and knows which keys nobody asked for.</summary>
/// <remarks>A key that is absent or empty keeps its default. After an error the default is returned too, so that reading goes on to the next error.</remarks>
/// <param name="mapping">The mapping; null for an absent one.</param>
/// <param name="path">Where it stands.</param>
/// <param name="errors">Receives what is wrong.</param>
/// <param name="record">Receives what was asked for and what holds; null where nobody wants to know.</param>
internal sealed class YamlSection(YamlMappingNode? mapping, string path, List<ConfigError> errors, ConfigNode? record = null)
{
    // A shorter word is the beginning of anything.
    private const int LeastBeginning = 3;

    private readonly List<string> _asked = [];

    /// <summary>The keys that stand in the section.</summary>
    public IEnumerable<string> Keys => mapping is null ? [] : mapping.Children.Keys.OfType<YamlScalarNode>().Select(static key => key.Value ?? "");

    /// <summary>A value that a parser accepts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fallback">Its default.</param>
    /// <param name="parse">Gives the value, or false where the text is not allowed.</param>
    /// <param name="allowed">What is allowed, for the error.</param>
    /// <param name="cure">What to do, for the error.</param>
    public T Value<T>(string key, T fallback, TryParse<T> parse, string allowed, string cure) =>
        Value(key, fallback, parse, cure, new ConfigNode(key, ConfigNode.KindOf<T>()) { Allowed = allowed, Value = ConfigNode.Write(fallback, allowed) });

    private T Value<T>(string key, T fallback, TryParse<T> parse, string cure, ConfigNode asked)
    {
        asked = record?.Add(asked) ?? asked;
        if (Find(key) is not { } node || IsEmpty(node)) return fallback;
        if (node is YamlScalarNode { Value: { } text } && parse(text, out T value))
        {
            asked.Value = text;
            return value;
        }

        Add(node, key, node is YamlScalarNode scalar ? scalar.Value ?? "" : KindOf(node), asked.Allowed!, cure);
        return fallback;
    }

    /// <summary>true or false.</summary>
    public bool Flag(string key, bool fallback) => Value(key, fallback, bool.TryParse, "true or false", "write true or false");

    /// <summary>A duration within bounds; the default where the key is absent.</summary>
    public TimeSpan? Interval(string key, TimeSpan? fallback = null)
    {
        string allowed = $"{Duration.Format(AgentConfig.MinInterval)} to {Duration.Format(AgentConfig.MaxInterval)}";
        return Value(key, fallback, TryInterval, allowed, "write a whole number with ms, s, m or h, as in 500ms or 10s");
    }

    /// <summary>A whole number within bounds.</summary>
    public int Number(string key, int fallback, int min, int max) => Value(
        key,
        fallback,
        (string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max,
        "write such a number",
        new ConfigNode(key, ConfigKind.Number) { Allowed = $"a whole number from {min} to {max}", Value = ConfigNode.Write(fallback), Min = min, Max = max });

    /// <summary>A list of texts; one text alone counts as a list of it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="most">Most texts.</param>
    /// <param name="longest">Most characters of each.</param>
    /// <param name="what">What they are, for the error.</param>
    public IReadOnlyList<string> Texts(string key, int most, int longest, string what)
    {
        string allowed = $"at most {most} {what}, of 1 to {longest} characters each";
        var texts = new List<string>();
        record?.Add(new ConfigNode(key, ConfigKind.Texts) { Allowed = allowed, Values = texts, MostItems = most });
        if (Find(key) is not { } node || IsEmpty(node)) return texts;
        IEnumerable<YamlNode> nodes = node is YamlSequenceNode list ? list.Children : [node];
        foreach (YamlNode each in nodes)
        {
            if (each is YamlScalarNode { Value: { Length: > 0 } text } && text.Length <= longest && texts.Count < most) texts.Add(text);
            else Add(each, key, each is YamlScalarNode scalar ? scalar.Value ?? "" : KindOf(each), allowed, "write a list: [a, b]");
        }

        return texts;
    }

    /// <summary>The patterns <c>include</c> and <c>exclude</c>.</summary>
    public NamePatterns Patterns()
    {
        return new NamePatterns(Read("include"), Read("exclude"));

        IReadOnlyList<string> Read(string key) => Texts(key, NamePatterns.MaxPatterns, NamePatterns.MaxPatternLength, "patterns with * and ?");
    }

    /// <summary>The sections of a list; none where it is absent.</summary>
    /// <param name="key">The key.</param>
    /// <param name="most">Most of them.</param>
    /// <param name="what">What they are, for the error.</param>
    public IReadOnlyList<YamlSection> Sections(string key, int most, string what)
    {
        ConfigNode? list = record?.Add(new ConfigNode(key, ConfigKind.Sections) { Allowed = $"at most {most} {what}", IsProbe = record.IsProbe, MostItems = most });
        if (list is { IsProbe: true }) return [new YamlSection(null, PathOf(key), errors, list.Below("", ConfigKind.Section))];
        if (Find(key) is not { } node || IsEmpty(node)) return [];
        var sections = new List<YamlSection>();
        foreach (YamlNode each in node is YamlSequenceNode items ? items.Children : [node])
        {
            if (each is YamlMappingNode below && sections.Count < most) sections.Add(new YamlSection(below, $"{PathOf(key)}[{sections.Count}]", errors, list?.Below("", ConfigKind.Section)));
            else Add(each, key, each is YamlScalarNode scalar ? scalar.Value ?? "" : KindOf(each), $"a list of at most {most} {what}", "write '- name: ...' lines below it");
        }

        return sections;
    }

    /// <summary>A section below; an empty one where it is absent.</summary>
    public YamlSection Section(string key)
    {
        ConfigNode? section = record?.Below(key, ConfigKind.Section);
        YamlNode? node = Find(key);
        if (node is null || IsEmpty(node)) return new YamlSection(null, PathOf(key), errors, section);
        if (node is YamlMappingNode below) return new YamlSection(below, PathOf(key), errors, section);
        Add(node, key, node is YamlScalarNode scalar ? scalar.Value ?? "" : KindOf(node), "a section of keys", "indent its keys below it");
        return new YamlSection(null, PathOf(key), errors, section);
    }

    /// <summary>Names a key that must stand in the section and does not.</summary>
    public void Require(string key)
    {
        if (mapping is not null && (Find(key) is not { } node || IsEmpty(node))) Add(mapping, key, "", "a value: the key is needed", "write it");
    }

    /// <summary>Names a key as wrong.</summary>
    public void Refuse(string key, string allowed, string cure)
    {
        YamlNode node = mapping!.Children.First(pair => pair.Key is YamlScalarNode scalar && scalar.Value == key).Key;
        Add(node, key, key, allowed, cure);
    }

    /// <summary>Says that a key is missing.</summary>
    public void RefuseAbsent(string key, string allowed, string cure) => errors.Add(new ConfigError((int)(mapping?.Start.Line ?? 0), PathOf(key), "", allowed, cure));

    /// <summary>Names every key that nobody asked for.</summary>
    public void RefuseUnknown()
    {
        if (record is not null) record.IsClosed = true;
        foreach (YamlNode key in mapping?.Children.Keys ?? [])
        {
            string name = key is YamlScalarNode scalar ? scalar.Value ?? "" : KindOf(key);
            if (_asked.Contains(name)) continue;
            string? near = _asked.Where(known => Distance(known, name) <= 2).MinBy(known => Distance(known, name))
                ?? BegunBy(name);
            Add(key, name, name, $"the keys {string.Join(", ", _asked)}", near is null ? "remove it" : $"did you mean {near}?");
        }
    }

    // The only key that is not there yet and begins like this.
    private string? BegunBy(string name)
    {
        string[] begun = name.Length < LeastBeginning ? [] : [.. _asked.Where(known => known.StartsWith(name, StringComparison.Ordinal)).Except(Keys)];
        return begun.Length == 1 ? begun[0] : null;
    }

    /// <summary>Names a whole file as another program's where its keys are, in one line; else every key that nobody asked for.</summary>
    /// <param name="others">The keys of the other program's file.</param>
    /// <param name="what">What the file then is, for the error.</param>
    /// <param name="wanted">What is wanted, for the error.</param>
    /// <param name="command">Which command checks such a file.</param>
    public void RefuseUnknown(IReadOnlyCollection<string> others, string what, string wanted, string command)
    {
        bool isOther = Keys.Any(key => others.Contains(key) && !_asked.Contains(key)) && !Keys.Any(key => _asked.Contains(key) && !others.Contains(key));
        if (!isOther) RefuseUnknown();
        else errors.Add(new ConfigError((int)mapping!.Start.Line, "file", what, wanted, $"'{command}' is for such a file"));
    }

    /// <summary>Reads a value from text.</summary>
    public delegate bool TryParse<T>(string text, out T value);

    private static bool TryInterval(string text, out TimeSpan? value)
    {
        bool allowed = Duration.TryParse(text, out TimeSpan parsed) && parsed >= AgentConfig.MinInterval && parsed <= AgentConfig.MaxInterval;
        value = parsed;
        return allowed;
    }

    private YamlNode? Find(string key)
    {
        _asked.Add(key);
        return mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? node) ? node : null;
    }

    private void Add(YamlNode node, string key, string value, string allowed, string cure) =>
        errors.Add(new ConfigError((int)node.Start.Line, PathOf(key), value, allowed, cure));

    private string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static bool IsEmpty(YamlNode node) => node is YamlScalarNode { Value: null or "" or "~" or "null" };

    private static string KindOf(YamlNode node) => node switch
    {
        YamlSequenceNode => "a list",
        YamlMappingNode => "a section",
        _ => "something else",
    };

    // Edit distance (Levenshtein), for "did you mean".
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, substitution);
            }
        }

        return row[^1];
    }
}
