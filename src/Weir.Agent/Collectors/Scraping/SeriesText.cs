using System.Text;
using System.Text.Unicode;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Reads a series as it is written: <c>name{label="value",...}</c>. Used when a series is met first, so it allocates.</summary>
internal static class SeriesText
{
    /// <summary>Most labels of a sample as it is written: rules may drop or join some, and what is beyond is not read.</summary>
    public const int MaxLabels = 256;

    /// <summary>Reads name and labels; the name stands under <see cref="RelabelRule.NameLabel"/>.</summary>
    /// <param name="series">The text, of the length that <see cref="SampleText.SeriesLength"/> gives.</param>
    /// <param name="labels">Receives them; empty values are left out, as if the label were not there.</param>
    /// <param name="isOverLimit">Whether it has more than <see cref="MaxLabels"/> labels: the rest of them is not looked at.</param>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public static string? Read(ReadOnlySpan<byte> series, SortedDictionary<string, string> labels, out bool isOverLimit)
    {
        isOverLimit = false;
        int brace = series.IndexOf((byte)'{');
        string name = Encoding.UTF8.GetString((brace < 0 ? series : series[..brace]).TrimEnd(" \t"u8));
        if (!PrometheusSyntax.IsMetricName(name)) return "the name of the metric is not of letters, digits, '_' and ':'";
        if (brace >= 0 && ReadLabels(series[(brace + 1)..^1], labels, out isOverLimit) is { } problem) return problem;
        labels[RelabelRule.NameLabel] = name;
        return null;
    }

    /// <summary>Whether a text is UTF-8 throughout.</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> text) => Utf8.IsValid(text);

    private static string? ReadLabels(ReadOnlySpan<byte> text, SortedDictionary<string, string> labels, out bool isOverLimit)
    {
        isOverLimit = false;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        text = text.TrimStart(" \t"u8);
        while (!text.IsEmpty)
        {
            isOverLimit = seen.Count == MaxLabels;
            if (isOverLimit) return null;
            int equals = text.IndexOf((byte)'=');
            if (equals < 0) return "a label has no '='";
            string label = Encoding.UTF8.GetString(text[..equals].TrimEnd(" \t"u8));
            if (!PrometheusSyntax.IsLabelName(label) || label == RelabelRule.NameLabel) return "the name of a label is not of letters, digits and '_'";
            if (!seen.Add(label)) return "a label stands twice";
            text = text[(equals + 1)..].TrimStart(" \t"u8);
            if (text.IsEmpty || text[0] != '"') return "the value of a label is not in quotes";
            int end = EndOfValue(text);
            if (end < 0) return "the value of a label does not end";
            string value = Unescape(text[1..end]);
            if (value.Length > 0) labels[label] = value;
            text = text[(end + 1)..].TrimStart(" \t"u8);
            if (text.IsEmpty) return null;
            if (text[0] != ',') return "labels are not separated by commas";
            text = text[1..].TrimStart(" \t"u8);
        }

        return null;
    }

    private static int EndOfValue(ReadOnlySpan<byte> quoted)
    {
        for (int i = 1; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\') i++;
            else if (quoted[i] == '"') return i;
        }

        return -1;
    }

    // \\, \" and \n; a backslash before anything else stands for itself, as readers of the format have it.
    private static string Unescape(ReadOnlySpan<byte> value)
    {
        string text = Encoding.UTF8.GetString(value);
        if (!text.Contains('\\', StringComparison.Ordinal)) return text;
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char next = text[i] == '\\' && i + 1 < text.Length ? text[i + 1] : '\0';
            if (next is not ('\\' or '"' or 'n'))
            {
                plain.Append(text[i]);
                continue;
            }

            plain.Append(next == 'n' ? '\n' : next);
            i++;
        }

        return plain.ToString();
    }
}
