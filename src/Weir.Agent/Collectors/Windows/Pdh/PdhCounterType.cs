namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>What kind of raw value a counter has: the type word of <c>winperf.h</c>.</summary>
/// <param name="Code">The word.</param>
internal readonly record struct PdhCounterType(uint Code)
{
    private const uint SizeMask = 0x300, LargeSize = 0x100;
    private const uint Histogram = 0x80000000;
    private const uint KindMask = 0xC00, Number = 0x000, Counter = 0x400;
    private const uint SubtypeMask = 0x70000, Value = 0x00000, Rate = 0x10000, Fraction = 0x20000, Elapsed = 0x40000, QueueLength = 0x50000, Precision = 0x70000;
    private const uint TimerMask = 0x300000, Timer100Nanoseconds = 0x100000;
    private const uint Delta = 0x400000, Inverse = 0x1000000;
    private const uint DisplayMask = 0xF0000000, Percent = 0x20000000, Seconds = 0x30000000;

    /// <summary>Whether the value has 32 bits and wraps.</summary>
    public bool IsNarrow => (Code & SizeMask) != LargeSize;

    /// <summary>Whether times are in 100 ns; otherwise their unit is the counter's time base.</summary>
    public bool IsIn100Nanoseconds => (Code & TimerMask) == Timer100Nanoseconds;

    /// <summary>Whether it takes the counter's time base to make seconds of a value.</summary>
    public bool NeedsTimeBase => !IsIn100Nanoseconds && Meaning is (PdhMeaning.Time or PdhMeaning.IdleTime or PdhMeaning.Age);

    /// <summary>What a value of it means.</summary>
    public PdhMeaning Meaning
    {
        get
        {
            if ((Code & SizeMask) > LargeSize || (Code & Histogram) != 0) return PdhMeaning.Unsupported;
            if ((Code & KindMask) == Number) return PdhMeaning.Gauge;
            if ((Code & KindMask) != Counter) return PdhMeaning.Unsupported;
            bool isInverse = (Code & Inverse) != 0;
            return (Code & SubtypeMask) switch
            {
                Value => PdhMeaning.Count,
                Rate when (Code & DisplayMask) == Percent => isInverse ? PdhMeaning.IdleTime : PdhMeaning.Time,
                Rate => PdhMeaning.Count,
                Fraction when (Code & DisplayMask) == Seconds => PdhMeaning.Time,
                Fraction when (Code & DisplayMask) == Percent && (Code & Delta) == 0 => PdhMeaning.Ratio,
                Fraction => PdhMeaning.Count,
                Elapsed => PdhMeaning.Age,
                QueueLength => PdhMeaning.Time,
                Precision => PdhMeaning.Time,
                _ => PdhMeaning.Unsupported,
            };
        }
    }
}
