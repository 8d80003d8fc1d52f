using System.Globalization;
using Weir.Frames;

namespace Weir.TestKit.Recordings;

/// <summary>Gathers the lines of a recording.</summary>
internal sealed class RecordingBuilder
{
    private const string TimePrefix = "#T ";
    private const string TypePrefix = "# TYPE ";

    private readonly Dictionary<string, MetricKind> _kinds = new(StringComparer.Ordinal);
    private readonly List<(string Name, SeriesAttribute[] Labels)> _series = [];
    private readonly Dictionary<string, int> _byText = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byIdentity = new(StringComparer.Ordinal);
    private readonly List<long> _times = [];
    private readonly List<SnapshotRow> _snapshots = [];

    /// <summary>Takes a line; the answer is null, or what is wrong with it.</summary>
    public string? Add(string line)
    {
        if (line.StartsWith(TimePrefix, StringComparison.Ordinal)) return AddTime(line.AsSpan(TimePrefix.Length));
        if (line.StartsWith(TypePrefix, StringComparison.Ordinal)) AddType(line.AsSpan(TypePrefix.Length));
        if (line.Length == 0 || line[0] == '#') return null;
        if (_snapshots.Count == 0) return "a sample stands before the first '#T' line";
        if (!PrometheusLine.TrySplit(line, out ReadOnlySpan<char> text, out double value)) return "this is not a sample in Prometheus text";
        if (IndexOf(text) is not { } series) return "name or labels are malformed";
        return _snapshots[^1].TryAdd(series, value) ? null : "the series stands twice in its snapshot";
    }

    /// <summary>Makes the recording.</summary>
    /// <param name="broken">Why the last snapshot cannot be whole; null where nothing says so yet.</param>
    /// <exception cref="InvalidDataException">No whole snapshot is there.</exception>
    public Recording Build(string? broken)
    {
        int ticks = _snapshots.Count;
        if (broken is null && ticks > 1 && !_snapshots[^1].Has(_snapshots[^2].LastSeries))
            broken = "it lacks the series that closed the one before";
        string? cut = null;
        if (broken is not null && ticks > 0)
        {
            cut = $"snapshot {ticks.ToString(CultureInfo.InvariantCulture)} is cut ({broken}) and left out";
            ticks--;
        }

        if (ticks == 0) throw new InvalidDataException("the recording has no whole snapshot");

        // A series that only the cut snapshot had is none of the recording.
        int series = _snapshots.Take(ticks).Max(static snapshot => snapshot.HighestSeries) + 1;
        foreach (SnapshotRow snapshot in _snapshots) snapshot.Resize(series);
        return new Recording(
            [.. Enumerable.Range(0, series).Select(Describe)],
            [.. _times.Take(ticks)],
            [.. _snapshots.Take(ticks).Select(static snapshot => snapshot.Values)],
            [.. _snapshots.Take(ticks).Select(static snapshot => snapshot.Present)],
            cut);
    }

    private RecordedSeries Describe(int series) =>
        new(_series[series].Name, _series[series].Labels, _kinds.GetValueOrDefault(_series[series].Name, MetricKind.Gauge));

    private string? AddTime(ReadOnlySpan<char> text)
    {
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long timeMs)) return "'#T' is not followed by Unix milliseconds";
        if (_times.Count > 0 && timeMs <= _times[^1]) return "time does not advance";
        _times.Add(timeMs);
        _snapshots.Add(new SnapshotRow(_series.Count));
        return null;
    }

    private void AddType(ReadOnlySpan<char> text)
    {
        int blank = text.IndexOf(' ');
        if (blank > 0) _kinds[text[..blank].ToString()] = text[blank..].Trim(' ') is "counter" ? MetricKind.Counter : MetricKind.Gauge;
    }

    // Two texts may name one series (other label order, an empty label): the text is only the short cut.
    private int? IndexOf(ReadOnlySpan<char> text)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> byText = _byText.GetAlternateLookup<ReadOnlySpan<char>>();
        if (byText.TryGetValue(text, out int index)) return index;
        if (!PrometheusLine.TryParseSeries(text, out string? name, out SeriesAttribute[]? labels)) return null;
        string identity = SeriesText.Format(name, labels);
        if (!_byIdentity.TryGetValue(identity, out index))
        {
            index = _series.Count;
            _series.Add((name, labels));
            _byIdentity.Add(identity, index);
        }

        byText[text] = index;
        return index;
    }
}
