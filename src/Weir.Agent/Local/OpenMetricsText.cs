using System.Buffers;
using System.Globalization;

namespace Weir.Agent.Local;

/// <summary>Writes families of series in the OpenMetrics 1.0 or the Prometheus 0.0.4 text format.</summary>
/// <remarks>
/// Both want all series of a family together: families are gathered and written at the end. Reused for every page: what it has room and names for it does not
/// allocate again. Not thread-safe.
/// </remarks>
internal sealed class OpenMetricsText(bool isOpenMetrics)
{
    private const string Total = "_total";
    private const int MaxNumberBytes = 32;

    // Of metrics and attributes; scraped targets may bring others again and again.
    private const int MaxNames = 4096;

    private static readonly SearchValues<char> Special = SearchValues.Create("\\\n\"");

    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<(Metric Metric, NamingRule Naming), string> _names = [];
    private readonly Dictionary<(string Key, NamingRule Naming), string> _labels = [];
    private readonly List<Family> _order = [];
    private readonly ByteWriter _page = new();

    /// <summary>Bytes of the finished text.</summary>
    public int Length => _page.Length;

    /// <summary>The content type of the text.</summary>
    public string ContentType => isOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Takes a value.</summary>
    /// <param name="family">The family's name; a counter's with <c>_total</c>.</param>
    /// <param name="type"><c>counter</c>, <c>gauge</c>, <c>histogram</c>. A family keeps its first type; what comes under another is left out.</param>
    /// <param name="help">What it is; null where nothing is said.</param>
    /// <param name="labels">Names and values.</param>
    /// <param name="value">The value.</param>
    /// <param name="suffix">What the sample's name has behind the family's: <c>_bucket</c>.</param>
    /// <param name="below">The upper bound of a histogram's bucket, its label <c>le</c>; null where it is none.</param>
    public void Add(string family, string type, string? help, ReadOnlySpan<KeyValuePair<string, string>> labels, double value, string suffix = "", string? below = null)
    {
        if (Begin(family, type, help, suffix) is not { } text) return;
        byte separator = (byte)'{';
        foreach ((string name, string label) in labels) AppendLabel(text, name, label, ref separator);
        if (below is not null) AppendLabel(text, "le", below, ref separator);
        End(text, separator, value);
    }

    /// <summary>Takes a value of a series under its Prometheus name.</summary>
    public void AddSeries(Metric metric, NamingRule naming, IReadOnlyList<SeriesAttribute> attributes, double value)
    {
        if (!_names.TryGetValue((metric, naming), out string? family)) _names.Add((metric, naming), family = PrometheusNames.Metric(metric, naming));
        if (Begin(family, metric.Kind == MetricKind.Counter ? "counter" : "gauge", null, "") is not { } text) return;
        byte separator = (byte)'{';
        for (int i = 0; i < attributes.Count; i++)
        {
            (string key, string attribute) = (attributes[i].Key, attributes[i].Value);
            if (!_labels.TryGetValue((key, naming), out string? label)) _labels.Add((key, naming), label = PrometheusNames.Label(key, naming));
            AppendLabel(text, label, attribute, ref separator);
        }

        End(text, separator, value);
    }

    /// <summary>The whole text; valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Finish()
    {
        foreach (Family family in _order)
        {
            ReadOnlySpan<char> name = isOpenMetrics && family.Type == "counter" ? family.Name.AsSpan(0, family.Name.Length - Total.Length) : family.Name;
            AppendComment("# TYPE "u8, name);
            _page.Utf8(family.Type == "unknown" && !isOpenMetrics ? "untyped" : family.Type);
            _page.U8((byte)'\n');
            if (family.Help is { } help)
            {
                AppendComment("# HELP "u8, name);
                AppendEscaped(_page, help, quotes: isOpenMetrics);
                _page.U8((byte)'\n');
            }

            _page.Bytes(family.Samples.Written);
        }

        if (isOpenMetrics) _page.Bytes("# EOF\n"u8);
        return _page.WrittenMemory;
    }

    /// <summary>Begins a new page. What the one before did not have is forgotten.</summary>
    public void Clear()
    {
        foreach (Family family in _families.Values)
            if (family.Samples.Length == 0) _families.Remove(family.Name);
        if (_names.Count > MaxNames) _names.Clear();
        if (_labels.Count > MaxNames) _labels.Clear();
        foreach (Family family in _order) family.Samples.Clear();
        _order.Clear();
        _page.Clear();
    }

    private ByteWriter? Begin(string family, string type, string? help, string suffix)
    {
        if (type == "counter" && !family.EndsWith(Total, StringComparison.Ordinal)) type = "unknown";
        if (!_families.TryGetValue(family, out Family? known)) _families.Add(family, known = new Family(family));
        if (known.Samples.Length == 0)
        {
            (known.Type, known.Help) = (type, help);
            _order.Add(known);
        }

        if (known.Type != type) return null;
        known.Samples.Utf8(family);
        known.Samples.Utf8(suffix);
        return known.Samples;
    }

    private static void End(ByteWriter text, byte separator, double value)
    {
        if (separator == ',') text.U8((byte)'}');
        text.U8((byte)' ');
        if (double.IsNaN(value)) text.Bytes("NaN"u8);
        else if (double.IsInfinity(value)) text.Bytes(value > 0 ? "+Inf"u8 : "-Inf"u8);
        else
        {
            value.TryFormat(text.Reserve(MaxNumberBytes), out int written, default, CultureInfo.InvariantCulture);
            text.Advance(written);
        }

        text.U8((byte)'\n');
    }

    private static void AppendLabel(ByteWriter text, string name, string value, ref byte separator)
    {
        text.U8(separator);
        text.Utf8(name);
        text.Bytes("=\""u8);
        AppendEscaped(text, value, quotes: true);
        text.U8((byte)'"');
        separator = (byte)',';
    }

    private void AppendComment(ReadOnlySpan<byte> kind, ReadOnlySpan<char> name)
    {
        _page.Bytes(kind);
        _page.Utf8(name);
        _page.U8((byte)' ');
    }

    private static void AppendEscaped(ByteWriter text, ReadOnlySpan<char> value, bool quotes)
    {
        while (value.IndexOfAny(Special) is var at and >= 0)
        {
            text.Utf8(value[..at]);
            text.Bytes(value[at] switch { '\n' => "\\n"u8, '\\' => "\\\\"u8, _ => quotes ? "\\\""u8 : "\""u8 });
            value = value[(at + 1)..];
        }

        text.Utf8(value);
    }

    private sealed class Family(string name)
    {
        public string Name => name;

        public string Type { get; set; } = "";

        public string? Help { get; set; }

        public ByteWriter Samples { get; } = new();
    }
}
