namespace Weir.Frames;

/// <summary>Gathers ticks of one group, for a <see cref="FrameEncoder"/> to make frames of.</summary>
/// <remarks>Preallocated for its capacity, 9 B a value, and reused for every frame: the steady state allocates nothing. Not thread-safe.</remarks>
public sealed class FrameBuilder
{
    private readonly long[] _times;
    private readonly double[] _values;
    private readonly byte[] _present;

    /// <summary>Makes a builder.</summary>
    /// <param name="schema">The group's series.</param>
    /// <param name="maxTicks">Most ticks in one frame, 1 to <see cref="FrameLimits.MaxTicks"/>; times series at most <see cref="FrameLimits.MaxSamples"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frame could exceed a limit.</exception>
    public FrameBuilder(Schema schema, int maxTicks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxTicks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxTicks, FrameLimits.MaxTicks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)maxTicks * schema.SeriesCount, FrameLimits.MaxSamples, nameof(maxTicks));
        Schema = schema;
        _times = new long[maxTicks];
        _values = new double[maxTicks * schema.SeriesCount];
        _present = new byte[_values.Length];
    }

    /// <summary>The group's series.</summary>
    public Schema Schema { get; }

    /// <summary>What frames store differences from (codec 1); null where there is none yet: they carry whole values then (codec 0).</summary>
    /// <exception cref="ArgumentException">It belongs to another schema.</exception>
    public Baseline? Baseline
    {
        get;
        set
        {
            if (value is not null && value.SchemaId != Schema.Id) throw new ArgumentException("the baseline belongs to another schema", nameof(value));
            field = value;
        }
    }

    /// <summary>Ticks gathered and not yet sealed.</summary>
    public int Ticks { get; private set; }

    /// <summary>Most ticks in one frame.</summary>
    public int MaxTicks => _times.Length;

    /// <summary>Whether another tick fits.</summary>
    public bool IsFull => Ticks == _times.Length;

    /// <summary>Time of the first gathered tick, Unix ms; 0 when empty.</summary>
    public long FirstMs => Ticks == 0 ? 0 : _times[0];

    /// <summary>Time of the last gathered tick, Unix ms; 0 when empty.</summary>
    public long LastMs => Ticks == 0 ? 0 : _times[Ticks - 1];

    /// <summary>Adds a tick.</summary>
    /// <param name="timeMs">Nominal time, Unix ms, above that of the tick before.</param>
    /// <param name="values">One value per series; what stands where none is present is ignored.</param>
    /// <param name="present">1 per present value, 0 per missing one.</param>
    /// <returns>The digest of the tick's samples, for the window's declaration.</returns>
    /// <exception cref="InvalidOperationException">The builder is full, or time does not advance.</exception>
    public ulong AddTick(long timeMs, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        if (IsFull) throw new InvalidOperationException("the frame is full: seal it first");
        if (Ticks > 0 && timeMs <= LastMs) throw new InvalidOperationException("ticks must be in time order");
        if (values.Length != Schema.SeriesCount || present.Length != Schema.SeriesCount)
            throw new ArgumentException($"a tick has {Schema.SeriesCount} values", nameof(values));

        int missing = present.Count((byte)0);
        ulong digest = missing == 0 ? Scatter(timeMs, values) : Scatter(timeMs, values, present);
        Missing += missing;
        Digest += digest;
        _times[Ticks++] = timeMs;
        return digest;
    }

    /// <summary>Digest of the gathered samples.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Cells of the gathered ticks without a value.</summary>
    internal int Missing { get; private set; }

    /// <summary>Times of the gathered ticks, Unix ms.</summary>
    internal ReadOnlySpan<long> TimesMs => _times.AsSpan(0, Ticks);

    /// <summary>Values of all series, <see cref="MaxTicks"/> apart.</summary>
    internal ReadOnlySpan<double> Values => _values;

    /// <summary>1 where a value is present; same shape.</summary>
    internal ReadOnlySpan<byte> Present => _present;

    /// <summary>Samples gathered, missing ones not counted.</summary>
    public int SampleCount => (Ticks * Schema.SeriesCount) - Missing;

    /// <summary>Copies a gathered tick.</summary>
    /// <param name="tick">Which, from 0.</param>
    /// <param name="values">Receives one value per series; what is written where none is present means nothing.</param>
    /// <param name="present">Receives 1 per present value, 0 per missing one.</param>
    /// <returns>Its time, Unix ms.</returns>
    public long CopyTick(int tick, Span<double> values, Span<byte> present)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)tick, (uint)Ticks, nameof(tick));
        if (values.Length != Schema.SeriesCount || present.Length != Schema.SeriesCount)
            throw new ArgumentException($"a tick has {Schema.SeriesCount} values", nameof(values));
        for (int s = 0, cell = tick; s < values.Length; s++, cell += _times.Length)
        {
            values[s] = _values[cell];
            present[s] = _present[cell];
        }

        return _times[tick];
    }

    /// <summary>Forgets the gathered ticks.</summary>
    public void Clear()
    {
        Ticks = 0;
        Digest = 0;
        Missing = 0;
    }

    private ulong Scatter(long timeMs, ReadOnlySpan<double> values)
    {
        for (int s = 0, cell = Ticks; s < values.Length; s++, cell += _times.Length)
        {
            _values[cell] = values[s];
            _present[cell] = 1;
        }

        return SampleDigest.OfTick(Schema.SeriesHashes, timeMs, values);
    }

    private ulong Scatter(long timeMs, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        ulong digest = 0;
        for (int s = 0, cell = Ticks; s < values.Length; s++, cell += _times.Length)
        {
            _present[cell] = present[s];
            if (present[s] == 0) continue;
            _values[cell] = values[s];
            digest += SampleDigest.Of(Schema.SeriesHashes[s], timeMs, values[s]);
        }

        return digest;
    }
}
