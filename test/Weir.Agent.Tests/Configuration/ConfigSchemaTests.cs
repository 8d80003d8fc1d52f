using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.Agent.Configuration;
using Weir.TestKit.Processes;
using YamlDotNet.RepresentationModel;

namespace Weir.Agent.Tests.Configuration;

/// <summary>The schema against the reader, and against files, by a validator of the few words that it uses.</summary>
public sealed partial class ConfigSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(ConfigSchema.Make()).RootElement.Clone();

    [Fact]
    public void Make_KeysOfEverySection_AreThoseThatTheReaderTakes()
    {
        string yaml = string.Join('\n', ClosedSections(Schema, "").Select(static section => section.Path.Length == 0 ? "no_such_key: 1" : Nested(section.Path)).GroupBy(static line => line.Split(':')[0]).Select(Merge));
        Assert.Null(AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors));
        Dictionary<string, string[]> taken = errors.ToDictionary(
            static error => error.Key.EndsWith(".no_such_key", StringComparison.Ordinal) ? error.Key[..^".no_such_key".Length] : "",
            static error => error.Allowed["the keys ".Length..].Split(", "));
        (string Path, string[] Keys)[] described = [.. ClosedSections(Schema, "")];
        Assert.NotEmpty(described);
        Assert.Equal(described.Select(static section => section.Path).Order(StringComparer.Ordinal), taken.Keys.Order(StringComparer.Ordinal));
        Assert.All(described, section => Assert.Equal(taken[section.Path].Distinct().Order(StringComparer.Ordinal), section.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Make_EveryKeyOutsideTheCollectors_IsDescribedInWords() => Assert.All(Keys(Schema, ""), static key =>
    {
        if (key.Path.StartsWith("collectors.", StringComparison.Ordinal)) return;
        Assert.True(key.Value.TryGetProperty("description", out JsonElement said) || key.Value.TryGetProperty("properties", out _), key.Path);
        if (said.ValueKind == JsonValueKind.String) Assert.False(said.GetString()!.StartsWith("Allowed:", StringComparison.Ordinal), $"{key.Path} has no comment in the reference");
    });

    [Fact]
    public void Make_TypesBoundsAndDefaults_AreTheReaders()
    {
        JsonElement keys = Schema.GetProperty("properties");
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", Schema.GetProperty("$schema").GetString());
        Assert.Equal((0, 60, 5), (Int("frame_seconds", "minimum"), Int("frame_seconds", "maximum"), Int("frame_seconds", "default")));
        Assert.Equal("1s", keys.GetProperty("interval").GetProperty("default").GetString());
        Assert.Contains("100ms to 1h", keys.GetProperty("interval").GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.False(keys.GetProperty("insecure").GetProperty("default").GetBoolean());
        Assert.Equal(["auto", "stream", "post", null], keys.GetProperty("uplink").GetProperty("properties").GetProperty("transport").GetProperty("enum").EnumerateArray().Select(static word => word.GetString()));
        int Int(string key, string word) => keys.GetProperty(key).GetProperty(word).GetInt32();
    }

    [Fact]
    public void The_reference_configuration_is_valid() => Assert.Empty(Validate(File.ReadAllText(RepositoryRoot.Combine("docs", "weir-agent.reference.yaml"))));

    [Theory]
    [InlineData("gatway: a:1", "gatway")]
    [InlineData("interval: soon", "interval")]
    [InlineData("frame_seconds: 61", "frame_seconds")]
    [InlineData("insecure: perhaps", "insecure")]
    [InlineData("log_level: loud", "log_level")]
    [InlineData("spool_bytes: 12 parsecs", "spool_bytes")]
    [InlineData("collectors: { cpus: { enabled: true } }", "collectors.cpus")]
    public void What_the_reader_refuses_is_not_valid(string yaml, string key)
    {
        Assert.Equal([key], Validate(yaml));
        Assert.Null(AgentConfigReader.TryRead(new StringReader(yaml), out _));
    }

    private static string Nested(string path) => $"{path.Replace(".", ": { ", StringComparison.Ordinal)}: {{ no_such_key: 1 }}{string.Concat(path.Where(static character => character == '.').Select(static _ => " }"))}";

    // Lines of one top-level section as one mapping: each is 'top: { REST }'.
    private static string Merge(IGrouping<string, string> lines) =>
        lines.Key == "no_such_key" ? lines.First() : $"{lines.Key}: {{ {string.Join(", ", lines.Select(line => line[(lines.Key.Length + 4)..^2]))} }}";

    private static IEnumerable<(string Path, string[] Keys)> ClosedSections(JsonElement section, string path)
    {
        if (section.TryGetProperty("additionalProperties", out JsonElement more) && more.ValueKind == JsonValueKind.False)
            yield return (path, [.. section.GetProperty("properties").EnumerateObject().Select(static key => key.Name)]);
        foreach ((string below, JsonElement value) in Keys(section, path).Where(each => !each.Path[(path.Length == 0 ? 0 : path.Length + 1)..].Contains('.', StringComparison.Ordinal)))
            if (value.TryGetProperty("properties", out _)) foreach ((string Path, string[] Keys) each in ClosedSections(value, below)) yield return each;
    }

    private static IEnumerable<(string Path, JsonElement Value)> Keys(JsonElement section, string path)
    {
        if (!section.TryGetProperty("properties", out JsonElement properties)) yield break;
        foreach (JsonProperty key in properties.EnumerateObject())
        {
            string below = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            yield return (below, key.Value);
            foreach ((string Path, JsonElement Value) each in Keys(key.Value, below)) yield return each;
        }
    }

    private static List<string> Validate(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var wrong = new List<string>();
        Validate(stream.Documents[0].RootNode, Schema, "", wrong);
        return wrong;
    }

    private static void Validate(YamlNode node, JsonElement schema, string path, List<string> wrong)
    {
        if (node is YamlMappingNode mapping && schema.TryGetProperty("properties", out JsonElement properties))
        {
            foreach ((YamlNode key, YamlNode value) in mapping.Children)
            {
                string name = ((YamlScalarNode)key).Value!, below = path.Length == 0 ? name : $"{path}.{name}";
                if (properties.TryGetProperty(name, out JsonElement child)) Validate(value, child, below, wrong);
                else if (schema.GetProperty("additionalProperties").ValueKind == JsonValueKind.False) wrong.Add(below);
            }
        }
        else if (node is YamlSequenceNode list) Require(list.Children.Count <= schema.GetProperty("maxItems").GetInt32());
        else if (node is YamlScalarNode { Value: { Length: > 0 } text }) Require(IsValid(text, schema));
        else Require(node is YamlScalarNode);

        void Require(bool isValid)
        {
            if (!isValid) wrong.Add(path);
        }
    }

    private static bool IsValid(string text, JsonElement schema)
    {
        if (schema.TryGetProperty("enum", out JsonElement words)) return words.EnumerateArray().Any(word => word.GetString() == text);
        string[] types = [.. schema.GetProperty("type").EnumerateArray().Select(static type => type.GetString()!)];
        if (types.Contains("boolean") && bool.TryParse(text, out _)) return true;
        if (types.Contains("integer") && Whole().IsMatch(text))
            return !schema.TryGetProperty("maximum", out JsonElement most) || int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) <= most.GetInt32();
        return types.Contains("string") && (!schema.TryGetProperty("pattern", out JsonElement pattern) || Regex.IsMatch(text, pattern.GetString()!));
    }

    [GeneratedRegex("^[0-9]{1,9}$")]
    private static partial Regex Whole();
}
