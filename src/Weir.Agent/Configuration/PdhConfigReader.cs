using System.Globalization;

namespace Weir.Agent.Configuration;

/// <summary>Reads <c>collectors.pdh</c>. The same on every system, so that a file can be checked anywhere.</summary>
internal static class PdhConfigReader
{
    private const int MaxCounterNameLength = 1024; // PDH_MAX_COUNTER_NAME
    private const string MetricForm = "lower-case words with dots, as in windows.iis.bytes, that no collector of the agent has";
    private const string AttributeForm = "lower-case words with dots, as in windows.iis.site, not of the host itself (host., os., weir., process., telemetry.)";
    private const string CounterForm = "an English name as Windows has it, of at most 1024 characters, without \\ and *";

    private static readonly string[] Parts = ["value", "base"];

    /// <summary>Reads the section; none where it is absent.</summary>
    public static IReadOnlyList<PdhObjectConfig> Read(YamlSection pdh)
    {
        IReadOnlyList<YamlSection> sections = pdh.Sections("objects", PdhObjectConfig.MaxObjects, "objects");
        pdh.RefuseUnknown();
        if (sections.Count == 0) return [];
        HashSet<string> own = ConfiguredMetrics.Own();
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
        string told = string.Join(',', attributes.Select(static attribute => $"{attribute.Key}={attribute.Value}"));
        var config = new PdhObjectConfig
        {
            Name = section.Value("name", "", (string text, out string value) => ConfiguredMetrics.TryName(text, out value) && names.Add(text), $"{ConfiguredMetrics.NameForm}, each name once", "choose a name"),
            PerformanceObject = section.Value("object", "", TryCounterName, CounterForm, "write the name of an object, as in Web Service"),
            Instances = hasInstances ? instances.Patterns() : null,
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
            "metric", "", (string text, out string value) => ConfiguredMetrics.TryMetric(text, out value) && !own.Contains(text) && series.Add($"{text} {told}"), $"{MetricForm}, each once for the same attributes", "choose another name");
        string unit = section.Value("unit", "1", ConfiguredMetrics.TryUnit, "a unit without blanks, as in By, s, 1 or {request}", "write the unit");
        string kind = section.Value("kind", ConfiguredMetrics.Kinds[0], (string text, out string value) => TryOneOf(ConfiguredMetrics.Kinds, text, out value), string.Join(", ", ConfiguredMetrics.Kinds), "write one of them");
        string part = section.Value("part", Parts[0], (string text, out string value) => TryOneOf(Parts, text, out value), string.Join(", ", Parts), "write one of them");
        double factor = section.Value("factor", 1.0, TryFactor, "a number other than zero", "write what the value is multiplied by, as in 1024");
        if (part == Parts[1] && kind == ConfiguredMetrics.Kinds[0]) section.Refuse("part", "base with kind: counter only", "write kind: counter");
        section.RefuseUnknown();
        return new PdhCounterConfig(counter, new Metric(metric, unit, ConfiguredMetrics.KindOf(kind)), part == Parts[1], factor);
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

        // Their order means nothing.
        return [.. attributes.OrderBy(static attribute => attribute.Key, StringComparer.Ordinal)];
    }

    private static bool TryCounterName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxCounterNameLength && text.All(static c => c is not ('\\' or '*') && !char.IsControl(c));
    }

    private static bool TryAttribute(string text, out string value)
    {
        value = text;
        return ConfiguredMetrics.IsDotted(text) && !HostAttributes.IsReserved(text);
    }

    private static bool TryAttributeValue(string text, out string value)
    {
        value = text;
        return text.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(text) <= FrameLimits.MaxValueBytes;
    }

    private static bool TryFactor(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value != 0;

    private static bool TryOneOf(string[] allowed, string text, out string value)
    {
        value = text;
        return allowed.Contains(text);
    }
}
