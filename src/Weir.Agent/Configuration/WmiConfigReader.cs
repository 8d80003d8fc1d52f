using Weir.Agent.Collectors.Windows.Wmi;

namespace Weir.Agent.Configuration;

/// <summary>Reads <c>collectors.wmi</c>. The same on every system, so that a file can be checked anywhere.</summary>
internal static class WmiConfigReader
{
    private const int MaxWhereLength = 4096;
    private const string MetricForm = "lower-case words with dots, as in windows.logical_disk.free, that no collector of the agent and no object of collectors.pdh has";
    private const string AttributeForm = "lower-case words with dots, as in system.device, not of the host itself (host., os., weir., telemetry.)";

    /// <summary>Reads the section; none where it is absent.</summary>
    /// <param name="wmi">The section.</param>
    /// <param name="objects">The performance objects of the same file: their metrics are taken.</param>
    public static IReadOnlyList<WmiClassConfig> Read(YamlSection wmi, IEnumerable<PdhObjectConfig> objects)
    {
        IReadOnlyList<YamlSection> sections = wmi.Sections("classes", WmiClassConfig.MaxClasses, "classes");
        wmi.RefuseUnknown();
        if (sections.Count == 0) return [];
        HashSet<string> taken = ConfiguredMetrics.Own();
        taken.UnionWith(objects.SelectMany(static each => each.Counters).Select(static counter => counter.Metric.Name));
        var names = new HashSet<string>(StringComparer.Ordinal);
        return [.. sections.Select(section => ReadClass(section, names, taken))];
    }

    private static WmiClassConfig ReadClass(YamlSection section, HashSet<string> names, HashSet<string> metrics)
    {
        foreach (string key in (ReadOnlySpan<string>)["name", "class", "properties"]) section.Require(key);
        string className = section.Value("class", "", TryIdentifier, WmiNames.IdentifierForm, "write the name of a class, as in Win32_LogicalDisk");
        if (WmiNames.IsPerformanceClass(className))
            section.Value("class", "", Never, "classes other than Win32_Perf* and CIM_StatisticalInformation, which block for half a minute whenever their adapter starts", "name the performance counters themselves under collectors.pdh");
        var config = new WmiClassConfig
        {
            Name = section.Value("name", "", (string text, out string value) => ConfiguredMetrics.TryName(text, out value) && names.Add(text), $"{ConfiguredMetrics.NameForm}, each name once", "choose a name"),
            Namespace = section.Value("namespace", WmiClassConfig.DefaultNamespace, TryNamespace, WmiNames.NamespaceForm, "write names with a backslash between them"),
            ClassName = className,
            Where = section.Value<string?>("where", null, TryWhere, $"a WQL condition of 1 to {MaxWhereLength} characters", "write what would follow WHERE, as in DriveType = 3"),
            Properties = [.. section.Sections("properties", WmiClassConfig.MaxProperties, "properties").Select(each => ReadProperty(each, metrics))],
            Attributes = ReadAttributes(section),
            Interval = section.Value("interval", WmiClassConfig.DefaultInterval, TryInterval, $"{Duration.Format(WmiClassConfig.MinInterval)} to {Duration.Format(AgentConfig.MaxInterval)}", "write a whole number with s, m or h, as in 1m"),
        };
        section.RefuseUnknown();
        return config;
    }

    private static WmiPropertyConfig ReadProperty(YamlSection section, HashSet<string> metrics)
    {
        section.Require("property");
        section.Require("metric");
        string property = section.Value("property", "", TryIdentifier, WmiNames.IdentifierForm, "write the name of a property");
        string metric = section.Value("metric", "", (string text, out string value) => ConfiguredMetrics.TryMetric(text, out value) && metrics.Add(text), $"{MetricForm}, each once", "choose another name");
        string unit = section.Value("unit", "1", ConfiguredMetrics.TryUnit, "a unit without blanks, as in By, s, 1 or {file}", "write the unit");
        string kind = section.Value("kind", ConfiguredMetrics.Kinds[0], TryKind, string.Join(", ", ConfiguredMetrics.Kinds), "write one of them");
        section.RefuseUnknown();
        return new WmiPropertyConfig(property, new Metric(metric, unit, ConfiguredMetrics.KindOf(kind)));
    }

    private static IReadOnlyList<WmiAttributeConfig> ReadAttributes(YamlSection section)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        return [.. section.Sections("attributes", WmiClassConfig.MaxAttributes, "attributes").Select(each => ReadAttribute(each, keys))];
    }

    private static WmiAttributeConfig ReadAttribute(YamlSection section, HashSet<string> keys)
    {
        section.Require("property");
        section.Require("attribute");
        string property = section.Value("property", "", TryIdentifier, WmiNames.IdentifierForm, "write the name of a property");
        string attribute = section.Value("attribute", "", (string text, out string value) => TryAttribute(text, out value) && keys.Add(text), $"{AttributeForm}, each once", "choose another name");
        section.RefuseUnknown();
        return new WmiAttributeConfig(property, attribute);
    }

    private static bool Never(string text, out string value)
    {
        value = text;
        return false;
    }

    private static bool TryIdentifier(string text, out string value)
    {
        value = text;
        return WmiNames.IsIdentifier(text);
    }

    private static bool TryNamespace(string text, out string value)
    {
        value = text;
        return WmiNames.IsNamespace(text);
    }

    private static bool TryWhere(string text, out string? value)
    {
        value = text.Trim();
        return value.Length is > 0 and <= MaxWhereLength;
    }

    private static bool TryAttribute(string text, out string value)
    {
        value = text;
        // process. describes a process, of which a host has many.
        return ConfiguredMetrics.IsDotted(text) && (text.StartsWith("process.", StringComparison.Ordinal) || !HostAttributes.IsReserved(text));
    }

    private static bool TryKind(string text, out string value)
    {
        value = text;
        return ConfiguredMetrics.Kinds.Contains(text);
    }

    private static bool TryInterval(string text, out TimeSpan value) => Duration.TryParse(text, out value) && value >= WmiClassConfig.MinInterval && value <= AgentConfig.MaxInterval;
}
