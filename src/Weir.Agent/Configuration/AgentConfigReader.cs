using Weir.Agent.Collectors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weir.Agent.Configuration;

/// <summary>Reads <c>weir-agent.yaml</c>, and names everything that is wrong in it at once.</summary>
/// <remarks>Uses the representation model only: the object deserializer works by reflection, which a trimmed program does not have.</remarks>
internal static class AgentConfigReader
{
    /// <summary>Most bytes of a configuration file.</summary>
    public const int MaxFileBytes = 1 << 20;

    /// <summary>Most attributes in <c>host.attributes</c>: with those of a metric they stay below <see cref="FrameLimits.MaxAttributes"/>.</summary>
    public const int MaxHostAttributes = 16;

    private static readonly string[] Reserved = ["host.name", "host.id"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AgentConfig? TryReadFile(string path, out IReadOnlyList<ConfigError> errors)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxFileBytes)
        {
            errors = [new ConfigError(0, path, $"{stream.Length} bytes", $"at most {MaxFileBytes} bytes", "name the configuration file")];
            return null;
        }

        using var reader = new StreamReader(stream);
        return TryRead(reader, out errors);
    }

    /// <summary>Reads a text.</summary>
    /// <returns>The configuration; null where there are errors.</returns>
    public static AgentConfig? TryRead(TextReader text, out IReadOnlyList<ConfigError> errors)
    {
        var found = new List<ConfigError>();
        errors = found;
        var yaml = new YamlStream();
        try
        {
            yaml.Load(text);
        }
        catch (YamlException error)
        {
            found.Add(new ConfigError((int)error.Start.Line, "file", error.Message, "YAML with each key once", "mend the line"));
            return null;
        }

        if (yaml.Documents.Count > 1)
            found.Add(new ConfigError((int)yaml.Documents[1].RootNode.Start.Line, "file", "a second document", "one YAML document", "remove the line '---'"));
        YamlNode? root = yaml.Documents.Count > 0 ? yaml.Documents[0].RootNode : null;
        if (root is not (null or YamlMappingNode or YamlScalarNode { Value: null or "" }))
            found.Add(new ConfigError((int)root.Start.Line, "file", "not a mapping", "keys with values", "write 'key: value' lines"));
        AgentConfig config = Read(new YamlSection(root as YamlMappingNode, "", found));
        found.Sort(static (a, b) => a.Line.CompareTo(b.Line));
        return found.Count == 0 ? config : null;
    }

    private static AgentConfig Read(YamlSection root)
    {
        var defaults = new AgentConfig();
        YamlSection host = root.Section("host");
        var config = new AgentConfig
        {
            Gateway = root.Value("gateway", defaults.Gateway, TryGateway, GatewayAddress.Form, "write the gateway's address and port"),
            Insecure = root.Flag("insecure", defaults.Insecure),
            DataDirectory = root.Value("data_directory", defaults.DataDirectory, TryText, "a path", "name a directory that the agent may write"),
            Interval = root.Interval("interval") ?? defaults.Interval,
            FrameSeconds = root.Number("frame_seconds", defaults.FrameSeconds, 0, AgentConfig.MaxFrameSeconds),
            SpoolBytes = root.Value("spool_bytes", defaults.SpoolBytes, TrySpoolBytes, "16MiB to 1024GiB", "write bytes, or a whole number with KiB, MiB or GiB"),
            LogLevel = root.Value("log_level", defaults.LogLevel, TryLogLevel, "trace, debug, information, warning, error, critical", "write one of them"),
            HostName = host.Value("name", defaults.HostName, TryHostName, "1 to 253 characters", "write the host's name, or remove the key"),
            HostAttributes = ReadAttributes(host.Section("attributes")),
            Collectors = ReadCollectors(root.Section("collectors")),
        };
        host.RefuseUnknown();
        root.RefuseUnknown();
        return config;
    }

    private static Dictionary<string, string> ReadAttributes(YamlSection section)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string key in section.Keys)
        {
            string value = section.Value(key, "", TryAttributeValue, $"a text of at most {FrameLimits.MaxValueBytes} bytes", "write 'key: value'");
            if (key.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(key) > FrameLimits.MaxNameBytes)
                section.Refuse(key, $"names of 1 to {FrameLimits.MaxNameBytes} bytes", "choose a shorter name");
            else if (Reserved.Contains(key)) section.Refuse(key, "attributes other than host.name and host.id", "use the key host.name of the file; the id is the host's own");
            else if (attributes.Count == MaxHostAttributes) section.Refuse(key, $"at most {MaxHostAttributes} attributes", "remove some");
            else attributes[key] = value;
        }

        return attributes;
    }

    private static Dictionary<string, CollectorConfig> ReadCollectors(YamlSection section)
    {
        var collectors = new Dictionary<string, CollectorConfig>(StringComparer.Ordinal);
        foreach (CollectorInfo info in CollectorCatalog.All)
        {
            YamlSection one = section.Section(info.Name);
            var config = new CollectorConfig { Enabled = one.Flag("enabled", true), Interval = one.Interval("interval") };
            one.RefuseUnknown();
            if (config != new CollectorConfig()) collectors[info.Name] = config;
        }

        section.RefuseUnknown();
        return collectors;
    }

    private static bool TryText(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool TryHostName(string text, out string? value)
    {
        value = text;
        return text.Length is > 0 and <= 253;
    }

    private static bool TryAttributeValue(string text, out string value)
    {
        value = text;
        return System.Text.Encoding.UTF8.GetByteCount(text) <= FrameLimits.MaxValueBytes;
    }

    private static bool TryGateway(string text, out string value)
    {
        value = text;
        return GatewayAddress.TryParse(text) is not null;
    }

    private static bool TrySpoolBytes(string text, out long value) =>
        ByteSize.TryParse(text, out value) && value is >= AgentConfig.MinSpoolBytes and <= AgentConfig.MaxSpoolBytes;

    private static bool TryLogLevel(string text, out LogLevel value)
    {
        string[] names = ["trace", "debug", "information", "warning", "error", "critical"];
        int index = Array.IndexOf(names, text);
        value = (LogLevel)index;
        return index >= 0;
    }
}
