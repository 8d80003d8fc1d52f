using System.Text;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Replay;

/// <summary>A small recording with everything that is hard: escapes, empty labels, shared and unshared instances, missing values, NaN, infinities.</summary>
internal static class TestRecording
{
    public const int Ticks = 50;

    /// <summary>50 snapshots; the first is 4 s before a minute boundary, a few ms off the second.</summary>
    public static Recording Create() => Parse(Text());

    public static Recording Parse(string text)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return Recording.Read(stream);
    }

    private static string Text()
    {
        var text = new StringBuilder("# HELP disk_reads_total Reads.\n# TYPE disk_reads_total counter\n# TYPE disk_busy gauge\n");
        for (int t = 0; t < Ticks; t++)
        {
            text.Append("#T ").Append(1_800_000_000_000 - 4000 + (t * 1000) + (t % 3) - 1).Append('\n');
            foreach (string device in (ReadOnlySpan<string>)["sda", """nvme "0" \\ } x"""])
            {
                string label = device.Replace("\"", "\\\"", StringComparison.Ordinal);
                text.Append("disk_reads_total{device=\"").Append(label).Append("\",note=\"\"} ").Append((t * 17) + device.Length).Append('\n');
                text.Append("disk_busy{device=\"").Append(label).Append("\"} 0.").Append(t).Append("e-3\n");
            }

            if (t % 7 != 3) text.Append("odd_one ").Append(t % 5 == 0 ? "NaN" : t % 5 == 1 ? "+Inf" : t % 5 == 2 ? "-Inf" : "-0").Append('\n');
            text.Append("mixed{kind=\"a\"} 1\nmixed 2\n");
            text.Append("up 1\n");
        }

        return text.ToString();
    }
}
