using Weir.Bench.Replay;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Codec;

/// <summary>A recording as every format gets it: rows in the schema's order, at aligned times.</summary>
internal sealed class CodecInput
{
    private readonly RecordingRows _rows;
    private readonly int[] _samples;

    public CodecInput(Recording recording)
    {
        _rows = new RecordingRows(recording);
        Times = TickTimes.Of(recording.TimesMs);
        _samples = new int[_rows.Ticks];
        for (int t = 0; t < _rows.Ticks; t++)
            foreach (byte present in _rows.Present(t)) _samples[t] += present;
    }

    public Schema Schema => _rows.Schema;

    /// <summary>The series in the schema's order.</summary>
    public IReadOnlyList<RecordedSeries> Series => _rows.Series;

    public TickTimes Times { get; }

    public int Ticks => _rows.Ticks;

    /// <summary>Time of a tick, Unix ms.</summary>
    public long TimeMs(int tick) => Times.TimesMs[tick];

    /// <summary>The values of a tick; zero where missing.</summary>
    public ReadOnlySpan<double> Values(int tick) => _rows.Values(tick);

    /// <summary>1 per value that is there, 0 per missing one.</summary>
    public ReadOnlySpan<byte> Present(int tick) => _rows.Present(tick);

    /// <summary>Samples of a tick, missing ones not counted.</summary>
    public int Samples(int tick) => _samples[tick];

    /// <summary>Samples of a span of ticks, missing ones not counted.</summary>
    public int Samples(TickSpan span)
    {
        int samples = 0;
        for (int t = span.First; t < span.End; t++) samples += _samples[t];
        return samples;
    }
}
