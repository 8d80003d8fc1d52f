using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Replay;

/// <summary>A recording's values in the order of its schema. Immutable, safe to share between threads.</summary>
internal sealed class RecordingRows
{
    private readonly double[][] _values;
    private readonly byte[][] _present;

    /// <summary>Makes schema and rows.</summary>
    /// <exception cref="InvalidDataException">The series exceed a limit of frames.</exception>
    public RecordingRows(Recording recording)
    {
        if (recording.Series.Count == 0) throw new InvalidDataException("the recording has no samples");
        int[] columns;
        try
        {
            (Schema, columns) = ReplaySchema.Build(recording.Series);
        }
        catch (ArgumentException limit)
        {
            throw new InvalidDataException($"the series exceed what frames can hold: {limit.Message}", limit);
        }

        Series = [.. columns.Select(column => recording.Series[column])];
        _values = new double[recording.Ticks][];
        _present = new byte[recording.Ticks][];
        for (int t = 0; t < recording.Ticks; t++)
        {
            ReadOnlySpan<double> values = recording.Values(t);
            ReadOnlySpan<byte> present = recording.Present(t);
            _values[t] = new double[columns.Length];
            _present[t] = new byte[columns.Length];
            for (int s = 0; s < columns.Length; s++)
            {
                _values[t][s] = values[columns[s]];
                _present[t][s] = present[columns[s]];
            }
        }
    }

    public Schema Schema { get; }

    /// <summary>The series in the schema's order.</summary>
    public IReadOnlyList<RecordedSeries> Series { get; }

    public int Ticks => _values.Length;

    /// <summary>The values of a tick; zero where missing.</summary>
    public ReadOnlySpan<double> Values(int tick) => _values[tick];

    /// <summary>1 per value that is there, 0 per missing one.</summary>
    public ReadOnlySpan<byte> Present(int tick) => _present[tick];
}
