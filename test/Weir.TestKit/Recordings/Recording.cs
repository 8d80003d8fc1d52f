using Weir.Frames;
using ZstdSharp;

namespace Weir.TestKit.Recordings;

/// <summary>A recording of an exporter: snapshots in Prometheus text, each behind a line <c>#T &lt;Unix ms&gt;</c>.</summary>
/// <remarks>
/// Held in memory as one row of doubles per snapshot; a series that a snapshot lacks is missing there. Immutable, safe to share between threads.
/// A last snapshot that was cut is left out: it is cut where the stream breaks off, where its last line has no end, or where it
/// lacks the series that closed the snapshot before (exporters keep their order).
/// </remarks>
public sealed class Recording
{
    private static ReadOnlySpan<byte> ZstdMagic => [0x28, 0xB5, 0x2F, 0xFD];

    private readonly double[][] _values;
    private readonly byte[][] _present;

    internal Recording(RecordedSeries[] series, long[] timesMs, double[][] values, byte[][] present, string? cut)
    {
        Series = series;
        TimesMs = timesMs;
        _values = values;
        _present = present;
        Cut = cut;
    }

    /// <summary>Every series that any snapshot has, in the order of first sight.</summary>
    public IReadOnlyList<RecordedSeries> Series { get; }

    /// <summary>Snapshots held.</summary>
    public int Ticks => _values.Length;

    /// <summary>Time of each snapshot as recorded, Unix ms: a few ms off the second.</summary>
    public IReadOnlyList<long> TimesMs { get; }

    /// <summary>Time of the first snapshot, rounded to the second, Unix ms.</summary>
    public long FirstTickMs => (TimesMs[0] + 500) / 1000 * 1000;

    /// <summary>What was left out at the end and why; null where nothing was.</summary>
    public string? Cut { get; }

    /// <summary>The values of a snapshot in the order of <see cref="Series"/>; zero where missing.</summary>
    public ReadOnlySpan<double> Values(int tick) => _values[tick];

    /// <summary>1 where the snapshot has the series, 0 where it lacks it.</summary>
    public ReadOnlySpan<byte> Present(int tick) => _present[tick];

    /// <summary>Reads a recording; a file that begins as zstd does is decompressed.</summary>
    /// <exception cref="InvalidDataException">The file is not a recording; the message names the line.</exception>
    public static Recording Load(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        bool compressed = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual(ZstdMagic);
        if (file.Length == 0) throw new InvalidDataException("the file is empty");
        if (!compressed && path.EndsWith(".zst", StringComparison.Ordinal)) throw new InvalidDataException("the file is not compressed with zstd, although its name ends in .zst");
        file.Position = 0;
        if (!compressed) return Read(file);
        try
        {
            using var text = new DecompressionStream(file);
            return Read(text);
        }
        catch (ZstdException damage)
        {
            throw new InvalidDataException($"the file cannot be decompressed: {damage.Message}", damage);
        }
    }

    /// <summary>Reads a recording from Prometheus text.</summary>
    /// <exception cref="InvalidDataException">The text is not a recording; the message names the line.</exception>
    public static Recording Read(Stream text)
    {
        var builder = new RecordingBuilder();
        var lines = new LineReader(text);
        bool terminated = true;
        while (lines.TryRead(out string line, out bool ended))
        {
            terminated = ended;
            if (builder.Add(line.TrimEnd('\r')) is not { } problem) continue;
            if (!ended) break;
            throw new InvalidDataException($"line {lines.LineNumber}: {problem}");
        }

        return builder.Build(lines.Broken ? "the file breaks off" : terminated ? null : "its last line has no end");
    }
}
