namespace Weir.Agent.Collectors.Scraping;

/// <summary>What an answer looked like: its samples and metadata lines in their order, compared byte by byte with the next one. The steady way allocates nothing.</summary>
/// <remarks>Immutable but for the counts of the pass taken last. <see cref="ScrapeLearner"/> makes it. Not thread-safe.</remarks>
internal sealed class LearntText
{
    /// <summary>Index of what is read and in no series by intention.</summary>
    public const int Ignored = -1;

    private const int FirstDrop = -2;

    private static readonly int Reasons = Enum.GetValues<ScrapeDrop>().Length;

    private readonly byte[] _texts;
    private readonly Entry[] _entries;
    private readonly long[] _dropped = new long[Reasons];

    /// <summary>Takes what was learnt.</summary>
    /// <param name="series">The series, sorted, each with its index.</param>
    /// <param name="texts">The texts of all entries, one behind the other.</param>
    /// <param name="entries">The entries in the order of the answer.</param>
    public LearntText(IReadOnlyList<ScrapedSeries> series, byte[] texts, Entry[] entries)
    {
        Series = series;
        _texts = texts;
        _entries = entries;
    }

    /// <summary>The series, sorted; the index of each is its place.</summary>
    public IReadOnlyList<ScrapedSeries> Series { get; }

    /// <summary>What the last pass dropped, by <see cref="ScrapeDrop"/>.</summary>
    public ReadOnlySpan<long> Dropped => _dropped;

    /// <summary>The index of an entry whose sample is dropped.</summary>
    public static int IndexOf(ScrapeDrop drop) => FirstDrop - (int)drop;

    /// <summary>Sets the values of an answer that looks as this one.</summary>
    /// <param name="text">The answer.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="columns">Where the values go.</param>
    /// <param name="first">The column of the first series.</param>
    /// <returns>False where anything is different: the values set are then void, and the answer is to be learnt.</returns>
    public bool TryTake(ReadOnlySpan<byte> text, ExpositionFormat format, Columns columns, int first)
    {
        Array.Clear(_dropped);
        int at = 0, start = 0;
        var lines = new ExpositionLines(text);
        while (lines.TryNext(out ExpositionLineKind kind, out ReadOnlySpan<byte> line))
        {
            if (kind == ExpositionLineKind.End)
            {
                if (format == ExpositionFormat.OpenMetrics && !lines.Rest.IsEmpty) return false;
                continue;
            }

            if (at == _entries.Length) return false;
            Entry entry = _entries[at++];
            if (!line.StartsWith(_texts.AsSpan(start, entry.Length))) return false;
            start += entry.Length;
            ReadOnlySpan<byte> rest = line[entry.Length..];
            if (!(kind == ExpositionLineKind.Metadata ? rest.IsEmpty : TrySet(rest, entry.Index, columns, first))) return false;
        }

        return at == _entries.Length;
    }

    private bool TrySet(ReadOnlySpan<byte> rest, int index, Columns columns, int first)
    {
        // Without a blank the name goes on: foo is no foo_bar.
        if (rest.IsEmpty || rest[0] is not ((byte)' ' or (byte)'\t')) return false;
        if (!SampleText.TryValue(rest, out double value, out bool hasTime)) return false;
        if (index <= FirstDrop)
        {
            _dropped[FirstDrop - index]++;
            return true;
        }

        if (index == Ignored) return true;
        if (hasTime) _dropped[(int)ScrapeDrop.Time]++;
        columns.Set(first + index, value);
        return true;
    }

    /// <summary>A sample or a metadata line.</summary>
    /// <param name="Length">Bytes of the series, or of the whole metadata line.</param>
    /// <param name="Index">The series; or <see cref="Ignored"/>, or <see cref="IndexOf"/>.</param>
    public readonly record struct Entry(int Length, int Index);
}
