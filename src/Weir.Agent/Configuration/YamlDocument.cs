using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Weir.Agent.Configuration;

/// <summary>Loads a configuration file as one mapping, within a size limit.</summary>
/// <remarks>Uses the representation model only: the object deserializer works by reflection, which a trimmed program does not have.</remarks>
internal static class YamlDocument
{
    /// <summary>Most bytes of a configuration file.</summary>
    public const int MaxFileBytes = 1 << 20;

    /// <summary>Opens a file and loads it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static YamlSection LoadFile(string path, List<ConfigError> errors, ConfigNode? record = null)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxFileBytes)
        {
            errors.Add(new ConfigError(0, path, $"{stream.Length} bytes", $"at most {MaxFileBytes} bytes", "name the configuration file"));
            return new YamlSection(null, "", errors, record);
        }

        using var reader = new StreamReader(stream);
        return Load(reader, errors, record);
    }

    /// <summary>Loads a text; an empty section where it is not a mapping, with the reason among the errors.</summary>
    public static YamlSection Load(TextReader text, List<ConfigError> errors, ConfigNode? record = null)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(text);
        }
        catch (YamlException error)
        {
            errors.Add(new ConfigError((int)error.Start.Line, "file", error.Message, "YAML with each key once", "mend the line"));
            return new YamlSection(null, "", errors, record);
        }

        if (yaml.Documents.Count > 1)
            errors.Add(new ConfigError((int)yaml.Documents[1].RootNode.Start.Line, "file", "a second document", "one YAML document", "remove the line '---'"));
        YamlNode? root = yaml.Documents.Count > 0 ? yaml.Documents[0].RootNode : null;
        if (root is not (null or YamlMappingNode or YamlScalarNode { Value: null or "" }))
            errors.Add(new ConfigError((int)root.Start.Line, "file", "not a mapping", "keys with values", "write 'key: value' lines"));
        return new YamlSection(root as YamlMappingNode, "", errors, record);
    }
}
