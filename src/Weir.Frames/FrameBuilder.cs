using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Gathers ticks of one group and seals them into frames.</summary>
/// <remarks>Preallocated for its capacity and reused for every frame: the steady state allocates nothing. Not thread-safe.</remarks>
public sealed class FrameBuilder : IDisposable
{
    private readonly EntryWriter _writer = new();
    private readonly PlainCodec _plain = new();
    private readonly ProfiledEncoder _profiled = new();
    private readonly long[] _times;
    private readonly double[] _values;
    private readonly byte[] _present;
    private double[] _packedValues = [];
    private byte[] _packedPresent = [];
    private int _missing;

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
        _missing += missing;
        Digest += digest;
        _times[Ticks++] = timeMs;
        return digest;
    }

    /// <summary>Digest of the gathered samples.</summary>
    public ulong Digest { get; private set; }

    /// <summary>Samples gathered, missing ones not counted.</summary>
    public int SampleCount => (Ticks * Schema.SeriesCount) - _missing;

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

    /// <summary>Makes a frame of the gathered ticks and starts anew.</summary>
    /// <param name="seq">The frame's number in its epoch.</param>
    /// <param name="clockGeneration">How often the clock has been stepped.</param>
    /// <param name="traceContext">Empty, or <see cref="EntryHeader.TraceContextBytes"/> bytes where the frame is traced.</param>
    /// <returns>The entry, valid until the next call.</returns>
    /// <exception cref="InvalidOperationException">There is no tick.</exception>
    public ReadOnlyMemory<byte> Seal(ulong seq, uint clockGeneration, ReadOnlySpan<byte> traceContext = default)
    {
        if (Ticks == 0) throw new InvalidOperationException("there is no tick to seal");
        bool onGrid = IsOnGrid(out uint intervalMs);
        var header = new EntryHeader
        {
            Kind = EntryKind.Samples,
            Form = (byte)(Baseline is null ? CodecId.Plain : CodecId.Profiled),
            Seq = seq,
            ObjectId = (Baseline?.Id ?? Schema.Id).Short,
            FirstMs = _times[0],
            IntervalMs = onGrid ? intervalMs : 0,
            ExplicitTimes = !onGrid,
            Ticks = Ticks,
            Series = Schema.SeriesCount,
            Missing = _missing,
            ClockGeneration = clockGeneration,
            Digest = Digest,
        };
        ByteWriter target = _writer.Begin(header, traceContext);
        if (!onGrid)
            for (int t = 1; t < Ticks; t++) target.Varint((ulong)(_times[t] - _times[t - 1]));
        if (Baseline is { } baseline)
            _profiled.Encode(baseline.Profiles, new ColumnSource(_values, _present, _times.Length, Ticks, _missing, baseline.AgeOf(_times[0])), target);
        else EncodePlainly(target);
        Clear();
        return _writer.End(traceContext.Length);
    }

    /// <summary>Forgets the gathered ticks.</summary>
    public void Clear()
    {
        Ticks = 0;
        Digest = 0;
        _missing = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _plain.Dispose();

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

    // The columns stand _times.Length apart; those of a frame cut short are moved together first.
    private void EncodePlainly(ByteWriter target)
    {
        int capacity = _times.Length;
        if (Ticks == capacity)
        {
            _plain.Encode(_values, _present, _missing, target);
            return;
        }

        if (_packedValues.Length == 0)
        {
            _packedValues = new double[_values.Length];
            _packedPresent = new byte[_values.Length];
        }

        for (int s = 0; s < Schema.SeriesCount; s++)
        {
            _values.AsSpan(s * capacity, Ticks).CopyTo(_packedValues.AsSpan(s * Ticks));
            _present.AsSpan(s * capacity, Ticks).CopyTo(_packedPresent.AsSpan(s * Ticks));
        }

        int cells = Ticks * Schema.SeriesCount;
        _plain.Encode(_packedValues.AsSpan(0, cells), _packedPresent.AsSpan(0, cells), _missing, target);
    }

    private bool IsOnGrid(out uint intervalMs)
    {
        long interval = Ticks > 1 ? _times[1] - _times[0] : 0;
        intervalMs = (uint)Math.Min(interval, 3_600_000);
        if (interval > 3_600_000) return false;
        for (int t = 2; t < Ticks; t++)
            if (_times[t] - _times[t - 1] != interval) return false;
        return true;
    }
}
