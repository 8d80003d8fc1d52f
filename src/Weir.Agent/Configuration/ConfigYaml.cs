using System.Globalization;
using System.Text;

namespace Weir.Agent.Configuration;

/// <summary>Writes a configuration as YAML that reads back as the same, without comments; keys without a value are left out, secrets are masked.</summary>
internal static class ConfigYaml
{
    private const string Mask = "xxxxx";
    private const string PlainCharacters = "/_.-+()@";

    /// <summary>Writes what a reading gave.</summary>
    /// <param name="root">The file.</param>
    /// <param name="hidden">Receives the keys whose value is a secret and was left out.</param>
    public static string Write(ConfigNode root, List<string> hidden)
    {
        var text = new StringBuilder();
        foreach (ConfigNode child in root.Children.OrderBy(static child => child.Kind is ConfigKind.Section or ConfigKind.Sections)) Write(text, child, "", "", hidden);
        return text.ToString();
    }

    private static void Write(StringBuilder text, ConfigNode node, string indent, string path, List<string> hidden)
    {
        string full = path.Length == 0 ? node.Key : $"{path}.{node.Key}";
        if (!HasContent(node)) return;
        if (IsSecret(node.Key) || IsHeader(path))
        {
            hidden.Add(full);
            return;
        }

        text.Append(indent).Append(Scalar(node.Key)).Append(':');
        switch (node.Kind)
        {
            case ConfigKind.Section:
                text.Append('\n');
                foreach (ConfigNode child in node.Children) Write(text, child, $"{indent}  ", full, hidden);
                break;
            case ConfigKind.Sections:
                text.Append('\n');
                for (int at = 0; at < node.Children.Count; at++) WriteItem(text, node.Children[at], $"{indent}  ", string.Create(CultureInfo.InvariantCulture, $"{full}[{at}]"), hidden);
                break;
            case ConfigKind.Texts:
                text.Append(" [").AppendJoin(", ", node.Values.Select(Masked).Select(Scalar)).Append("]\n");
                break;
            default:
                text.Append(' ').Append(Scalar(Masked(node.Value!))).Append('\n');
                break;
        }
    }

    private static void WriteItem(StringBuilder text, ConfigNode item, string indent, string path, List<string> hidden)
    {
        var lines = new StringBuilder();
        foreach (ConfigNode child in item.Children) Write(lines, child, $"{indent}  ", path, hidden);
        if (lines.Length == 0) lines.Append(indent).Append("  {}\n");
        lines[indent.Length] = '-';
        text.Append(lines);
    }

    private static bool HasContent(ConfigNode node) => node.Kind switch
    {
        ConfigKind.Section => node.Children.Any(HasContent),
        ConfigKind.Sections => node.Children.Count > 0,
        ConfigKind.Texts => node.Values.Count > 0,
        _ => node.Value is not null,
    };

    private static bool IsSecret(string key) =>
        key.EndsWith("token", StringComparison.OrdinalIgnoreCase) || key.EndsWith("password", StringComparison.OrdinalIgnoreCase) || key.EndsWith("secret", StringComparison.OrdinalIgnoreCase);

    // Any header may be what a target knows its callers by.
    private static bool IsHeader(string path) => path.EndsWith(".headers", StringComparison.Ordinal);

    // The password of http://USER:PASSWORD@HOST, and what stands behind the question mark, where keys are often handed over.
    private static string Masked(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https")) return value;
        if (address.UserInfo.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon) value = value.Replace($"{address.UserInfo}@", $"{address.UserInfo[..colon]}:{Mask}@", StringComparison.Ordinal);
        return address.Query.Length > 1 ? value.Replace(address.Query, $"?{Mask}", StringComparison.Ordinal) : value;
    }

    private static string Scalar(string value)
    {
        bool isPlain = value.Length > 0 && char.IsAsciiLetterOrDigit(value[0]) && value.All(static character => char.IsAsciiLetterOrDigit(character) || PlainCharacters.Contains(character, StringComparison.Ordinal));
        if (isPlain) return value;
        var quoted = new StringBuilder("\"");
        foreach (char character in value)
        {
            if (character is '"' or '\\') quoted.Append('\\').Append(character);
            else if (char.IsControl(character) || character is '\u2028' or '\u2029' or '\ufeff') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
