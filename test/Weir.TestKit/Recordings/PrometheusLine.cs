using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Weir.Frames;

namespace Weir.TestKit.Recordings;

/// <summary>Takes one sample line of Prometheus text apart: <c>name{label="value",...} value [timestamp]</c>.</summary>
public static class PrometheusLine
{
    /// <summary>Splits a line into the text of its series and its value, without looking into the labels.</summary>
    /// <param name="line">A line that is neither empty nor a comment.</param>
    /// <param name="series">The series' text, without blanks around it.</param>
    /// <param name="value">The value; a timestamp behind it is skipped.</param>
    public static bool TrySplit(ReadOnlySpan<char> line, out ReadOnlySpan<char> series, out double value)
    {
        value = 0;
        int end = SeriesEnd(line);
        series = end < 0 ? default : line[..end].Trim(' ');
        if (series.IsEmpty) return false;
        ReadOnlySpan<char> rest = line[end..].Trim(' ');
        int blank = rest.IndexOf(' ');
        if (blank >= 0 && !long.TryParse(rest[blank..].Trim(' '), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) return false;
        return TryParseValue(blank < 0 ? rest : rest[..blank], out value);
    }

    /// <summary>Reads name and labels; labels come back in ordinal order, empty ones left out.</summary>
    public static bool TryParseSeries(ReadOnlySpan<char> series, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out SeriesAttribute[]? labels)
    {
        labels = null;
        int brace = series.IndexOf('{');
        name = (brace < 0 ? series : series[..brace]).Trim(' ').ToString();
        if (name.Length == 0) return false;
        if (brace < 0)
        {
            labels = [];
            return true;
        }

        if (series[^1] != '}') return false;
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        ReadOnlySpan<char> rest = series[(brace + 1)..^1].Trim(' ');
        while (!rest.IsEmpty)
        {
            int equals = rest.IndexOf('=');
            if (equals <= 0) return false;
            string label = rest[..equals].Trim(' ').ToString();
            rest = rest[(equals + 1)..].TrimStart(' ');
            if (!TryReadQuoted(ref rest, out string value) || !found.TryAdd(label, value)) return false;
            rest = rest.TrimStart(' ');
            if (rest.IsEmpty) break;
            if (rest[0] != ',') return false;
            rest = rest[1..].TrimStart(' ');
        }

        labels = [.. found.Where(static pair => pair.Value.Length > 0).Select(static pair => new SeriesAttribute(pair.Key, pair.Value))];
        return true;
    }

    /// <summary>Reads a value as Prometheus writes it: Go's floats, <c>NaN</c>, <c>+Inf</c>, <c>-Inf</c>.</summary>
    public static bool TryParseValue(ReadOnlySpan<char> text, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text.Equals("NaN", StringComparison.OrdinalIgnoreCase))
        {
            value = double.NaN;
            return true;
        }

        ReadOnlySpan<char> unsigned = text.TrimStart("+-");
        if (text.Length - unsigned.Length <= 1 && unsigned.Equals("Inf", StringComparison.OrdinalIgnoreCase))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out value);
    }

    // A brace or a blank inside a quoted label value ends nothing.
    private static int SeriesEnd(ReadOnlySpan<char> line)
    {
        int at = line.IndexOfAny('{', ' ');
        if (at < 0 || line[at] == ' ' && (line[at..].TrimStart(' ') is not ['{', ..])) return at;
        bool quoted = false;
        for (int i = line.IndexOf('{') + 1; i < line.Length; i++)
        {
            if (line[i] == '\\' && quoted) i++;
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == '}' && !quoted) return i + 1;
        }

        return -1;
    }

    private static bool TryReadQuoted(ref ReadOnlySpan<char> rest, out string value)
    {
        value = "";
        if (rest.IsEmpty || rest[0] != '"') return false;
        var text = new StringBuilder();
        for (int i = 1; i < rest.Length; i++)
        {
            char c = rest[i];
            if (c == '"')
            {
                value = text.ToString();
                rest = rest[(i + 1)..];
                return true;
            }

            if (c == '\\')
            {
                if (++i == rest.Length || Unescape(rest[i]) is not { } plain) return false;
                c = plain;
            }

            text.Append(c);
        }

        return false;
    }

    private static char? Unescape(char escaped) => escaped switch
    {
        'n' => '\n',
        '"' or '\\' => escaped,
        _ => null,
    };
}
