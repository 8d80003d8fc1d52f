using System.Buffers;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Learns the series of an answer, when it is the first or differs from the one before. Here labels are read and rules applied; the steady way does neither.</summary>
/// <remarks>A text that is not in its format fails as a whole: half of it would be an answer that nobody gave. Not thread-safe.</remarks>
internal sealed class ScrapeLearner(ScrapeTarget target, SampleLabels attributes)
{
    /// <summary>Most samples and metadata lines of an answer, whatever becomes of them: 200,000.</summary>
    public const int MaxEntries = 200_000;

    /// <summary>Learns an answer.</summary>
    /// <exception cref="ScrapeException">It is not in its format, or beyond a limit; the message names the line.</exception>
    public LearntText Learn(ReadOnlySpan<byte> text, ExpositionFormat format)
    {
        var families = new FamilyTable();
        var series = new Dictionary<string, ScrapedSeries>(StringComparer.Ordinal);
        var texts = new ArrayBufferWriter<byte>();
        var entries = new List<(int Length, int Index, ScrapedSeries? Series)>();
        var lines = new ExpositionLines(text);
        while (lines.TryNext(out ExpositionLineKind kind, out ReadOnlySpan<byte> line))
        {
            if (kind == ExpositionLineKind.End)
            {
                if (format == ExpositionFormat.OpenMetrics && !lines.Rest.IsEmpty) throw Malformed(lines.Number, "text follows '# EOF'");
                continue;
            }

            if (entries.Count == MaxEntries) throw new ScrapeException($"the answer has more than {MaxEntries} lines");
            if (kind == ExpositionLineKind.Metadata)
            {
                families.Add(line);
                texts.Write(line);
                entries.Add((line.Length, LearntText.Ignored, null));
                continue;
            }

            int length = SampleText.SeriesLength(line);
            if (length < 0) throw Malformed(lines.Number, "not a sample");
            ReadOnlySpan<byte> rest = line[length..];
            if (!rest.StartsWith(" "u8) && !rest.StartsWith("\t"u8)) throw Malformed(lines.Number, "no blank before the value");
            if (!SampleText.TryValue(rest, out _, out _)) throw Malformed(lines.Number, "the value is not a number, or what follows it is neither a time nor an exemplar");
            int index = Place(line[..length], lines.Number, families, series, out ScrapedSeries? placed);
            if (series.Count > target.MaxSeries) throw new ScrapeException($"the answer has more than {target.MaxSeries} series (max_series)");
            texts.Write(line[..length]);
            entries.Add((length, index, placed));
        }

        ScrapedSeries[] sorted = [.. series.Values.Order()];
        for (int i = 0; i < sorted.Length; i++) sorted[i].Index = i;
        return new LearntText(sorted, texts.WrittenSpan.ToArray(), [.. entries.Select(static entry => new LearntText.Entry(entry.Length, entry.Series?.Index ?? entry.Index))]);
    }

    // The series of a sample, or the index that says why it is in none.
    private int Place(ReadOnlySpan<byte> text, int number, FamilyTable families, Dictionary<string, ScrapedSeries> series, out ScrapedSeries? placed)
    {
        placed = null;
        if (!SeriesText.IsUtf8(text)) return LearntText.IndexOf(ScrapeDrop.Invalid);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (SeriesText.Read(text, labels, out bool isOverLimit) is { } problem) throw Malformed(number, problem);
        if (isOverLimit) return LearntText.IndexOf(ScrapeDrop.Limit);
        if (!families.TryMetric(labels[RelabelRule.NameLabel], out Metric metric)) return LearntText.Ignored;
        switch (attributes.Apply(labels))
        {
            case SampleLabels.Outcome.Dropped:
                return LearntText.Ignored;
            case SampleLabels.Outcome.OverLimit:
                return LearntText.IndexOf(ScrapeDrop.Limit);
            case SampleLabels.Outcome.Invalid:
                return LearntText.IndexOf(ScrapeDrop.Invalid);
        }

        labels.Remove(RelabelRule.NameLabel, out string? name);
        var found = new ScrapedSeries(metric with { Name = name! }, [.. labels]);
        if (!series.TryAdd(found.Identity, found)) return LearntText.IndexOf(ScrapeDrop.Duplicate);
        placed = found;
        return LearntText.Ignored;
    }

    private static ScrapeException Malformed(int line, string problem) => new($"line {line} of the answer: {problem}");
}
