using System.Text;

namespace Weir.Agent.Commands;

/// <summary>Prometheus names by the OpenTelemetry-to-Prometheus rules: <c>system.cpu.time</c> in s becomes <c>system_cpu_time_seconds_total</c>.</summary>
internal static class PrometheusNames
{
    /// <summary>The name of a metric: unit and kind become suffixes, annotations in braces vanish.</summary>
    public static string Of(Metric metric)
    {
        string name = Sanitize(metric.Name);
        string unit = metric.Unit switch
        {
            "s" => "seconds",
            "By" => "bytes",
            "1" => metric.Kind == MetricKind.Gauge ? "ratio" : "",
            _ when metric.Unit.StartsWith('{') => "",
            _ => Sanitize(metric.Unit),
        };
        if (unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal)) name += "_" + unit;
        return metric.Kind == MetricKind.Counter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>A name of letters, digits and underscores.</summary>
    public static string Sanitize(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (char c in name) text.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        return char.IsAsciiDigit(text[0]) ? "_" + text : text.ToString();
    }
}
