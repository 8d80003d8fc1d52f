using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows.Wmi;

namespace Weir.Agent.Configuration;

/// <summary>Reads <c>collectors.wmi</c>. The same on every system, so that a file can be checked anywhere.</summary>
internal static class WmiConfigReader
{
    private const int MaxNameLength = 64;
    private const int MaxWhereLength = 4096;
    private const string NameForm = "1 to 64 lower-case letters, digits, - and _";
    private const string MetricForm = "lower-case words with dots, as in windows.logical_disk.free, that no collector of the agent has";
    private const string AttributeForm = "lower-case words with dots, as in system.device, not of the host itself (host., os., weir., telemetry.)";

    private static readonly string[] Kinds = ["gauge", "counter"];

    /// <summary>Reads the section; none where it is absent.</summary>
    public static IReadOnlyList<WmiClassConfig> Read(YamlSection wmi)
    {
        IReadOnlyList<YamlSection> sections = wmi.Sections("classes", WmiClassConfig.MaxClasses, "classes");
        wmi.RefuseUnknown();
        if (sections.Count == 0) return [];
        var taken = new HashSet<string>(CollectorCatalog.All.SelectMany(static info => info.Linux.Concat(info.Windows)).SelectMany(static source => source.Templates).SelectMany(static template => template.Metrics).Select(static metric => metric.Name), StringComparer.Ordinal);
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
            Name = section.Value("name", "", (string text, out string value) => TryName(text, out value) && names.Add(text), $"{NameForm}, each name once", "choose a name"),
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
        string metric = section.Value("metric", "", (string text, out string value) => TryMetric(text, out value) && metrics.Add(text), $"{MetricForm}, each once", "choose another name");
        string unit = section.Value("unit", "1", TryUnit, "a unit without blanks, as in By, s, 1 or {file}", "write the unit");
        string kind = section.Value("kind", Kinds[0], TryKind, string.Join(", ", Kinds), "write one of them");
        section.RefuseUnknown();
        return new WmiPropertyConfig(property, new Metric(metric, unit, kind == Kinds[0] ? MetricKind.Gauge : MetricKind.Counter));
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

    private static bool TryName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
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

    private static bool TryMetric(string text, out string value)
    {
        value = text;
        return IsDotted(text) && !text.StartsWith("weir.", StringComparison.Ordinal);
    }

    private static bool TryAttribute(string text, out string value)
    {
        value = text;
        // process. describes a process, of which a host has many.
        return IsDotted(text) && (text.StartsWith("process.", StringComparison.Ordinal) || !HostAttributes.IsReserved(text));
    }

    private static bool TryUnit(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxNameLength && text.All(static c => char.IsAscii(c) && !char.IsWhiteSpace(c) && !char.IsControl(c));
    }

    private static bool TryKind(string text, out string value)
    {
        value = text;
        return Kinds.Contains(text);
    }

    private static bool TryInterval(string text, out TimeSpan value) => Duration.TryParse(text, out value) && value >= WmiClassConfig.MinInterval && value <= AgentConfig.MaxInterval;

    private static bool IsDotted(string text) =>
        text.Length <= FrameLimits.MaxNameBytes && text.Split('.').All(static word => word.Length > 0 && char.IsAsciiLetterLower(word[0]) && word.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'));
}
