using System.Text;
using Weir.Frames;

namespace Weir.TestKit.Recordings;

/// <summary>Writes a series as <c>name{label="value",...}</c>, as <c>weir query --output csv</c> does.</summary>
public static class SeriesText
{
    /// <summary>The text of a series: labels in ordinal order, backslash, quote and newline escaped; no braces where there is no label.</summary>
    public static string Format(string name, IEnumerable<SeriesAttribute> labels)
    {
        var text = new StringBuilder(name);
        char before = '{';
        foreach (SeriesAttribute label in labels.OrderBy(static label => label.Key, StringComparer.Ordinal))
        {
            text.Append(before).Append(label.Key).Append("=\"");
            foreach (char c in label.Value)
            {
                if (c is '\\' or '"') text.Append('\\').Append(c);
                else if (c == '\n') text.Append("\\n");
                else text.Append(c);
            }

            text.Append('"');
            before = ',';
        }

        return before == '{' ? name : text.Append('}').ToString();
    }
}
