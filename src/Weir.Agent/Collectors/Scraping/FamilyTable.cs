using System.Text;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>The families of an answer by their <c># TYPE</c> and <c># UNIT</c> lines: tells of a sample's name which kind and unit its series has.</summary>
/// <remarks>Filled while an answer is learnt, since both lines stand before the samples of their family.</remarks>
internal sealed class FamilyTable
{
    private const string Created = "_created", Total = "_total";

    private static readonly string[] Suffixes = [Total, Created, "_bucket", "_sum", "_count", "_gsum", "_gcount", "_info"];

    private readonly Dictionary<string, FamilyType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _units = new(StringComparer.Ordinal);

    /// <summary>Takes a line of <see cref="ExpositionLineKind.Metadata"/>.</summary>
    public void Add(ReadOnlySpan<byte> line)
    {
        string[] words = Encoding.UTF8.GetString(line[1..]).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is ["TYPE", var typed, var type]) _types[typed] = Parse(type);
        else if (words is ["UNIT", var named, var unit]) _units[named] = UnitOf(unit);
    }

    /// <summary>The metric of a sample; false for the times at which counters began, which are no series here.</summary>
    /// <param name="name">The sample's name.</param>
    /// <param name="metric">Kind and unit under that name.</param>
    public bool TryMetric(string name, out Metric metric)
    {
        metric = new Metric(name, "", MetricKind.Gauge);
        if (_types.TryGetValue(name, out FamilyType type) && !IsCreationOfText(name, type))
        {
            bool isCount = type == FamilyType.Counter || (type == FamilyType.Unknown && name.EndsWith(Total, StringComparison.Ordinal));
            metric = new Metric(name, _units.GetValueOrDefault(name, ""), isCount ? MetricKind.Counter : MetricKind.Gauge);
            return true;
        }

        foreach (string suffix in Suffixes)
        {
            if (!name.EndsWith(suffix, StringComparison.Ordinal)) continue;
            string family = name[..^suffix.Length];
            FamilyType of = _types.GetValueOrDefault(family);
            if (suffix == Created) return !IsCounting(of) && !IsCounting(_types.GetValueOrDefault(family + Total));
            metric = new Metric(name, UnitOf(suffix, family), KindOf(of, suffix));
            return true;
        }

        return true;
    }

    // Libraries give it a family of its own in the text format.
    private bool IsCreationOfText(string name, FamilyType type) =>
        type == FamilyType.Gauge && name.EndsWith(Created, StringComparison.Ordinal)
        && (IsCounting(_types.GetValueOrDefault(name[..^Created.Length])) || IsCounting(_types.GetValueOrDefault(name[..^Created.Length] + Total)));

    private static bool IsCounting(FamilyType type) => type is FamilyType.Counter or FamilyType.Histogram or FamilyType.Summary;

    private static MetricKind KindOf(FamilyType family, string suffix) => suffix switch
    {
        Total => MetricKind.Counter,
        "_bucket" => family == FamilyType.Histogram ? MetricKind.Counter : MetricKind.Gauge,
        "_sum" or "_count" => family is FamilyType.Histogram or FamilyType.Summary ? MetricKind.Counter : MetricKind.Gauge,
        _ => MetricKind.Gauge,
    };

    private string UnitOf(string suffix, string family) => suffix is Total or "_sum" or "_gsum" ? _units.GetValueOrDefault(family, "") : "";

    private static FamilyType Parse(string type) => type switch
    {
        "gauge" => FamilyType.Gauge,
        "counter" => FamilyType.Counter,
        "histogram" => FamilyType.Histogram,
        "gaugehistogram" => FamilyType.GaugeHistogram,
        "summary" => FamilyType.Summary,
        "info" => FamilyType.Info,
        "stateset" => FamilyType.StateSet,
        _ => FamilyType.Unknown,
    };

    private static string UnitOf(string word) => word switch
    {
        "seconds" => "s",
        "bytes" => "By",
        "ratio" => "1",
        _ => Encoding.UTF8.GetByteCount(word) <= FrameLimits.MaxNameBytes ? word : "",
    };
}
