using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Weir.Agent.Configuration;

/// <summary>The JSON Schema (draft 2020-12) of the configuration file, for editors and for checks before a roll-out.</summary>
/// <remarks>Keys, types, bounds and defaults come from the reader, descriptions from the commented reference. Bounds of durations and sizes stand in the descriptions: a schema cannot compare them.</remarks>
internal static class ConfigSchema
{
    /// <summary>What a duration looks like.</summary>
    public const string DurationPattern = "^[0-9]+(ms|s|m|h|d)$";

    /// <summary>What a size looks like.</summary>
    public const string SizePattern = "^[0-9]+(KiB|MiB|GiB)?$";

    private static readonly Dictionary<string, string> CollectorKeys = new(StringComparer.Ordinal)
    {
        ["enabled"] = "Whether the collector runs.",
        ["interval"] = "The collector's own interval; without it that of its lane, or the collector's default where that is slower.",
        ["include"] = "Only names that match one of these patterns with * and ?, also such as are left out by default; of process: these names too, wherever they rank.",
        ["exclude"] = "Never names that match one of these patterns with * and ?.",
    };

    /// <summary>Makes the schema.</summary>
    public static string Make()
    {
        var root = new ConfigNode("", ConfigKind.Section) { IsProbe = true };
        using var empty = new StringReader("");
        AgentConfigReader.TryRead(empty, out _, root);
        IReadOnlyDictionary<string, string> descriptions = ReferenceComments.Read();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "weir-agent.yaml");
            WriteSection(json, root, "", descriptions);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void WriteSection(Utf8JsonWriter json, ConfigNode section, string path, IReadOnlyDictionary<string, string> descriptions)
    {
        WriteTypes(json, "object");
        json.WriteStartObject("properties");
        foreach (ConfigNode child in section.Children) WriteKey(json, child, path.Length == 0 ? child.Key : $"{path}.{child.Key}", descriptions);
        json.WriteEndObject();
        if (section.IsClosed)
        {
            json.WriteBoolean("additionalProperties", false);
            return;
        }

        json.WriteStartObject("additionalProperties");
        WriteTypes(json, "string", "number", "boolean");
        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, ConfigNode node, string path, IReadOnlyDictionary<string, string> descriptions)
    {
        json.WriteStartObject(node.Key);
        string said = CollectorKeys.TryGetValue(node.Key, out string? common) && path.StartsWith("collectors.", StringComparison.Ordinal) ? common : descriptions.GetValueOrDefault(path, "");
        string description = $"{said}{(said.Length > 0 && node.Allowed is not null ? " " : "")}{(node.Allowed is null ? "" : $"Allowed: {node.Allowed}.")}";
        if (description.Length > 0) json.WriteString("description", description);
        switch (node.Kind)
        {
            case ConfigKind.Section:
                WriteSection(json, node, path, descriptions);
                break;
            case ConfigKind.Sections:
                WriteTypes(json, "array");
                if (node.MostItems is { } most) json.WriteNumber("maxItems", most);
                json.WriteStartObject("items");
                foreach (ConfigNode item in node.Children.Take(1)) WriteSection(json, item, path, descriptions);
                json.WriteEndObject();
                break;
            case ConfigKind.Texts:
                WriteTypes(json, "array", "string");
                json.WriteStartObject("items");
                json.WriteString("type", "string");
                json.WriteEndObject();
                if (node.MostItems is { } items) json.WriteNumber("maxItems", items);
                break;
            default:
                WriteScalar(json, node);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteScalar(Utf8JsonWriter json, ConfigNode node)
    {
        switch (node.Kind)
        {
            case ConfigKind.Flag:
                WriteTypes(json, "boolean");
                if (node.Value is not null) json.WriteBoolean("default", node.Value == "true");
                return;
            case ConfigKind.Number:
                WriteTypes(json, "integer");
                if (node.Min is { } min) json.WriteNumber("minimum", min);
                if (node.Max is { } max) json.WriteNumber("maximum", max);
                if (node.Value is not null) json.WriteNumber("default", int.Parse(node.Value, CultureInfo.InvariantCulture));
                return;
            case ConfigKind.Choice:
                json.WriteStartArray("enum");
                foreach (string word in node.Allowed!.Split(", ")) json.WriteStringValue(word);
                json.WriteNullValue();
                json.WriteEndArray();
                break;
            case ConfigKind.Size:
                WriteTypes(json, "string", "integer");
                json.WriteString("pattern", SizePattern);
                break;
            case ConfigKind.Duration:
                WriteTypes(json, "string");
                json.WriteString("pattern", DurationPattern);
                break;
            default:
                WriteTypes(json, "string", "number", "boolean");
                break;
        }

        if (node.Value is not null) json.WriteString("default", node.Value);
    }

    // A key without a value keeps its default.
    private static void WriteTypes(Utf8JsonWriter json, params ReadOnlySpan<string> types)
    {
        json.WriteStartArray("type");
        foreach (string type in types) json.WriteStringValue(type);
        json.WriteStringValue("null");
        json.WriteEndArray();
    }
}
