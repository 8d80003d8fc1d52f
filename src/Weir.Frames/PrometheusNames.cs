using System.Text;

namespace Weir.Frames;

/// <summary>The Prometheus name of a metric and its attributes, by the OpenTelemetry-to-Prometheus rules.</summary>
public static class PrometheusNames
{
    /// <summary>Metric name: illegal characters become underscores, the unit and, for counters, <c>total</c> are appended where they are not there yet.</summary>
    public static string Metric(Metric metric, NamingRule naming)
    {
        if (naming == NamingRule.Prometheus) return metric.Name;
        var name = new StringBuilder(Sanitize(metric.Name, allowColon: true));
        string unit = Unit(metric);
        if (unit.Length > 0 && !EndsWithWord(name, unit)) name.Append('_').Append(unit);
        if (metric.Kind == MetricKind.Counter && !EndsWithWord(name, "total")) name.Append("_total");
        return name.ToString();
    }

    /// <summary>Label name of an attribute key.</summary>
    public static string Label(string key, NamingRule naming) => naming == NamingRule.Prometheus ? key : Sanitize(key, allowColon: false);

    private static string Unit(Metric metric)
    {
        string unit = metric.Unit;
        if (unit.Length == 0 || unit[0] == '{') return "";
        if (unit == "1") return metric.Kind == MetricKind.Gauge ? "ratio" : "";
        int per = unit.IndexOf('/', StringComparison.Ordinal);
        return per < 0 ? Word(unit) : $"{Word(unit[..per])}_per_{Singular(unit[(per + 1)..])}";
    }

    private static string Word(string unit) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "min" => "minutes",
        "h" => "hours",
        "d" => "days",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "bit" => "bits",
        "Hz" => "hertz",
        "V" => "volts",
        "A" => "amperes",
        "W" => "watts",
        "J" => "joules",
        "Cel" => "celsius",
        "%" => "percent",
        _ => Sanitize(unit, allowColon: false),
    };

    private static string Singular(string unit) => unit switch
    {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        "d" => "day",
        _ => Word(unit),
    };

    private static bool EndsWithWord(StringBuilder name, string word)
    {
        string text = name.ToString();
        return text == word || text.EndsWith("_" + word, StringComparison.Ordinal);
    }

    private static string Sanitize(string name, bool allowColon)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (char c in name)
        {
            bool legal = char.IsAsciiLetterOrDigit(c) || c == '_' || (allowColon && c == ':');
            if (text.Length == 0 && char.IsAsciiDigit(c)) text.Append('_');
            if (legal) text.Append(c);
            else if (text.Length == 0 || text[^1] != '_') text.Append('_');
        }

        return text.ToString();
    }
}
