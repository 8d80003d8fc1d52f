namespace Weir.Frames;

/// <summary>The samples of one frame, as columns. Filled by <see cref="FrameDecoder"/>, reused from frame to frame.</summary>
/// <remarks>The spans are valid until the next decode into the same instance.</remarks>
public sealed class DecodedFrame
{
    private long[] _times = [];
    private double[] _values = [];
    private byte[] _present = [];

    /// <summary>Ticks (T).</summary>
    public int Ticks { get; private set; }

    /// <summary>Series (S).</summary>
    public int Series { get; private set; }

    /// <summary>Whether any value is missing.</summary>
    public bool HasMissing { get; internal set; }

    /// <summary>T times, Unix ms, strictly increasing.</summary>
    public ReadOnlySpan<long> TimesMs => _times.AsSpan(0, Ticks);

    /// <summary>The T values of a series; what stands at a missing place is zero.</summary>
    public ReadOnlySpan<double> Values(int series) => _values.AsSpan(series * Ticks, Ticks);

    /// <summary>1 where <see cref="Values"/> holds a sample, 0 where it is missing.</summary>
    public ReadOnlySpan<byte> Present(int series) => _present.AsSpan(series * Ticks, Ticks);

    internal Span<long> TimesBuffer => _times.AsSpan(0, Ticks);

    internal Span<double> ValuesBuffer => _values.AsSpan(0, Ticks * Series);

    internal Span<byte> PresentBuffer => _present.AsSpan(0, Ticks * Series);

    internal void Shape(int ticks, int series)
    {
        Ticks = ticks;
        Series = series;
        if (_times.Length < ticks) _times = new long[ticks];
        if (_values.Length >= ticks * series) return;
        _values = new double[ticks * series];
        _present = new byte[ticks * series];
    }
}
