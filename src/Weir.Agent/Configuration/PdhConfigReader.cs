using System.Globalization;
using Weir.Agent.Collectors;

namespace Weir.Agent.Configuration;

/// <summary>Reads <c>collectors.pdh</c>. The same on every system, so that a file can be checked anywhere.</summary>
internal static class PdhConfigReader
{
    private const int MaxNameLength = 64;
    private const int MaxCounterNameLength = 1024; // PDH_MAX_COUNTER_NAME
    private const string NameForm = "1 to 64 lower-case letters, digits, - and _";
    private const string MetricForm = "lower-case words with dots, as in windows.iis.bytes, that no collector of the agent has";
    private const string AttributeForm = "lower-case words with dots, as in windows.iis.site, not of the host itself (host., os., weir., process., telemetry.)";
    private const string CounterForm = "an English name as Windows has it, of at most 1024 characters, without \\ and *";

    private static readonly string[] Kinds = ["gauge", "counter"];
    private static readonly string[] Parts = ["value", "base"];

    /// <summary>Reads the section; none where it is absent.</summary>
    public static IReadOnlyList<PdhObjectConfig> Read(YamlSection pdh)
    {
        IReadOnlyList<YamlSection> sections = pdh.Sections("objects", PdhObjectConfig.MaxObjects, "objects");
        pdh.RefuseUnknown();
        if (sections.Count == 0) return [];
        var own = new HashSet<string>(
            CollectorCatalog.All.SelectMany(static info => info.Linux.Concat(info.Windows)).SelectMany(static source => source.Templates).SelectMany(static template => template.Metrics).Select(static metric => metric.Name),
            StringComparer.Ordinal);
        HashSet<string> names = new(StringComparer.Ordinal), series = new(StringComparer.Ordinal);
        return [.. sections.Select(section => ReadObject(section, names, own, series))];
    }

    private static PdhObjectConfig ReadObject(YamlSection section, HashSet<string> names, HashSet<string> own, HashSet<string> series)
    {
        foreach (string key in (ReadOnlySpan<string>)["name", "object", "counters"]) section.Require(key);
        YamlSection instances = section.Section("instances");
        bool hasInstances = instances.Keys.Any();
        KeyValuePair<string, string>[] attributes = ReadAttributes(section.Section("attributes"));
        // Two objects may share a metric where their attributes tell the series apart.
        string told = string.Join(',', attributes.OrderBy(static attribute => attribute.Key, StringComparer.Ordinal).Select(static attribute => $"{attribute.Key}={attribute.Value}"));
        var config = new PdhObjectConfig
        {
            Name = section.Value("name", "", (string text, out string value) => TryName(text, out value) && names.Add(text), $"{NameForm}, each name once", "choose a name"),
            PerformanceObject = section.Value("object", "", TryCounterName, CounterForm, "write the name of an object, as in Web Service"),
            Instances = hasInstances ? new NamePatterns(ReadPatterns(instances, "include"), ReadPatterns(instances, "exclude")) : null,
            Attribute = section.Value("attribute", PdhObjectConfig.DefaultAttribute, TryAttribute, AttributeForm, "write the attribute that the instance becomes"),
            InstanceLimit = section.Number("max_instances", PdhObjectConfig.MaxInstances, 1, PdhObjectConfig.MaxInstances),
            Attributes = attributes,
            Counters = [.. section.Sections("counters", PdhObjectConfig.MaxCounters, "counters").Select(each => ReadCounter(each, own, series, told))],
            Interval = section.Interval("interval") ?? PdhObjectConfig.DefaultInterval,
        };
        instances.RefuseUnknown();
        section.RefuseUnknown();
        return config;
    }

    private static PdhCounterConfig ReadCounter(YamlSection section, HashSet<string> own, HashSet<string> series, string told)
    {
        section.Require("counter");
        section.Require("metric");
        string counter = section.Value("counter", "", TryCounterName, CounterForm, "write the name of a counter, as in Bytes Total/sec");
        string metric = section.Value(
            "metric", "", (string text, out string value) => TryMetric(text, out value) && !own.Contains(text) && series.Add($"{text} {told}"), $"{MetricForm}, each once for the same attributes", "choose another name");
        string unit = section.Value("unit", "1", TryUnit, "a unit without blanks, as in By, s, 1 or {request}", "write the unit");
        string kind = section.Value("kind", Kinds[0], (string text, out string value) => TryOneOf(Kinds, text, out value), string.Join(", ", Kinds), "write one of them");
        string part = section.Value("part", Parts[0], (string text, out string value) => TryOneOf(Parts, text, out value), string.Join(", ", Parts), "write one of them");
        double factor = section.Value("factor", 1.0, TryFactor, "a number other than zero", "write what the value is multiplied by, as in 1024");
        if (part == Parts[1] && kind == Kinds[0]) section.Refuse("part", "base with kind: counter only", "write kind: counter");
        section.RefuseUnknown();
        return new PdhCounterConfig(counter, new Metric(metric, unit, kind == Kinds[0] ? MetricKind.Gauge : MetricKind.Counter), part == Parts[1], factor);
    }

    private static KeyValuePair<string, string>[] ReadAttributes(YamlSection section)
    {
        var attributes = new List<KeyValuePair<string, string>>();
        foreach (string key in section.Keys)
        {
            string value = section.Value(key, "", TryAttributeValue, $"a text of 1 to {FrameLimits.MaxValueBytes} bytes", "write 'key: value'");
            if (!TryAttribute(key, out _)) section.Refuse(key, AttributeForm, "choose another name");
            else if (attributes.Count == PdhObjectConfig.MaxAttributes) section.Refuse(key, $"at most {PdhObjectConfig.MaxAttributes} attributes", "remove some");
            else attributes.Add(new KeyValuePair<string, string>(key, value));
        }

        return [.. attributes];
    }

    private static IReadOnlyList<string> ReadPatterns(YamlSection section, string key) =>
        section.Texts(key, NamePatterns.MaxPatterns, NamePatterns.MaxPatternLength, "patterns with * and ?");

    private static bool TryName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
    }

    private static bool TryCounterName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxCounterNameLength && text.All(static c => c is not ('\\' or '*') && !char.IsControl(c));
    }

    private static bool TryMetric(string text, out string value)
    {
        value = text;
        return IsDotted(text) && !text.StartsWith("weir.", StringComparison.Ordinal);
    }

    private static bool TryAttribute(string text, out string value)
    {
        value = text;
        return IsDotted(text) && !HostAttributes.IsReserved(text);
    }

    private static bool TryAttributeValue(string text, out string value)
    {
        value = text;
        return text.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(text) <= FrameLimits.MaxValueBytes;
    }

    private static bool TryUnit(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAscii(c) && !char.IsWhiteSpace(c) && !char.IsControl(c));
    }

    private static bool TryFactor(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value != 0;

    private static bool TryOneOf(string[] allowed, string text, out string value)
    {
        value = text;
        return allowed.Contains(text);
    }

    private static bool IsDotted(string text) =>
        text.Length <= FrameLimits.MaxNameBytes && text.Split('.').All(static word => word.Length > 0 && char.IsAsciiLetterLower(word[0]) && word.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'));
}
