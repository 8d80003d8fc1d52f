namespace Weir.Bench.Codec;

/// <summary>Samples as they come out of a message. Reused from message to message.</summary>
internal sealed class SampleList(CodecInput input)
{
    private int[] _series = new int[1024];
    private long[] _times = new long[1024];
    private double[] _values = new double[1024];
    private int _count;

    public void Clear() => _count = 0;

    public void Add(int series, long timeMs, double value)
    {
        if (_count == _series.Length) Grow();
        _series[_count] = series;
        _times[_count] = timeMs;
        _values[_count++] = value;
    }

    /// <summary>See <see cref="ISampleFormat.Holds"/>.</summary>
    public bool Holds(TickSpan span)
    {
        if (_count != input.Samples(span)) return false;
        var seen = new bool[span.Count * input.Series.Count];
        for (int i = 0; i < _count; i++)
        {
            int tick = Array.BinarySearch(input.Times.TimesMs, span.First, span.Count, _times[i]);
            if (tick < 0 || input.Present(tick)[_series[i]] == 0) return false;
            if (BitConverter.DoubleToInt64Bits(input.Values(tick)[_series[i]]) != BitConverter.DoubleToInt64Bits(_values[i])) return false;
            ref bool already = ref seen[((tick - span.First) * input.Series.Count) + _series[i]];
            if (already) return false;
            already = true;
        }

        return true;
    }

    private void Grow()
    {
        Array.Resize(ref _series, _count * 2);
        Array.Resize(ref _times, _count * 2);
        Array.Resize(ref _values, _count * 2);
    }
}
