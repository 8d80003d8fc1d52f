using System.Globalization;
using System.Text;

namespace Weir.Scenarios.Replay;

/// <summary>Reads what <c>weir query --output csv</c> writes: RFC 4180, columns <c>time,series,value</c>.</summary>
internal static class QueryCsv
{
    /// <summary>Bits of each value by series and time in Unix ms; fails on a line that is not so, and on a sample that stands twice.</summary>
    public static Dictionary<(string Series, long TimeMs), ulong> Parse(IReadOnlyList<string> lines)
    {
        Assert.Equal("time,series,value", lines.Count > 0 ? lines[0] : "no output");
        var samples = new Dictionary<(string, long), ulong>();
        foreach (string line in lines.Skip(1))
        {
            string[] fields = Split(line);
            Assert.True(fields.Length == 3, $"not three fields: {line}");
            long timeMs = long.Parse(fields[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            Assert.True(TryParseValue(fields[2], out double value), $"not a value: {line}");
            Assert.True(samples.TryAdd((fields[1], timeMs), ReplayExpectation.Bits(value)), $"twice: {line}");
        }

        return samples;
    }

    private static bool TryParseValue(string text, out double value) => TestKit.Recordings.PrometheusLine.TryParseValue(text, out value);

    private static string[] Split(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[i++]);
            else if (c == '"') quoted = !quoted;
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(c);
        }

        Assert.False(quoted, $"an open quote: {line}");
        fields.Add(field.ToString());
        return [.. fields];
    }
}
