namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Makes what is shipped of the raw numbers of a counter.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Part">What is wanted of it.</param>
/// <param name="UnitsPerSecond">Its time base; 0 where it has none.</param>
internal readonly record struct PdhConversion(PdhCounterType Type, PdhPart Part, double UnitsPerSecond)
{
    private const double HundredNanosecondsPerSecond = 10_000_000;

    /// <summary>What the result means.</summary>
    public PdhMeaning Meaning => Part switch
    {
        not PdhPart.Base when LacksTimeBase => PdhMeaning.Unsupported,
        PdhPart.Base => PdhMeaning.Count,
        PdhPart.Total when Type.Meaning == PdhMeaning.Gauge => PdhMeaning.Count,
        PdhPart.Complement => Type.Meaning is PdhMeaning.Time or PdhMeaning.IdleTime ? PdhMeaning.Time : PdhMeaning.Unsupported,
        _ => Type.Meaning,
    };

    /// <summary>Whether PDH gives no time base for a type that has no value without.</summary>
    public bool LacksTimeBase => Type.NeedsTimeBase && UnitsPerSecond <= 0;

    /// <summary>Whether the result only grows.</summary>
    public bool IsCumulative => Meaning is PdhMeaning.Count or PdhMeaning.Time or PdhMeaning.IdleTime;

    private double Scale => Type.IsIn100Nanoseconds ? HundredNanosecondsPerSecond : UnitsPerSecond;

    /// <summary>The value; null where the numbers give none: a base of zero, a start in the future.</summary>
    /// <param name="first">The value of the raw counter.</param>
    /// <param name="second">Its base or time.</param>
    /// <param name="moment">When the reading was made.</param>
    /// <param name="track">What is remembered of the counter.</param>
    public double? Apply(long first, long second, PdhMoment moment, ref PdhTrack track)
    {
        if (Part == PdhPart.Base) return Cumulative(second, ref track);
        // The complement of an inverse timer is the timer as it stands.
        bool isComplement = (Part == PdhPart.Complement) != (Type.Meaning == PdhMeaning.IdleTime);
        return Type.Meaning switch
        {
            PdhMeaning.Gauge when Part == PdhPart.Total => Cumulative(first, ref track),
            PdhMeaning.Gauge => Type.IsNarrow ? (uint)first : first,
            PdhMeaning.Count => Cumulative(first, ref track),
            PdhMeaning.Time or PdhMeaning.IdleTime => (isComplement ? track.Complement(first, second, Scale, moment) : Cumulative(first, ref track)) / Scale,
            PdhMeaning.Ratio => Share(first, second),
            PdhMeaning.Age => first > 0 && second >= first ? (second - first) / Scale : null,
            _ => null,
        };
    }

    private double Cumulative(long value, ref PdhTrack track) => Type.IsNarrow ? track.Widen((uint)value) : (ulong)value;

    private double? Share(long first, long second)
    {
        double value = Type.IsNarrow ? (uint)first : first, whole = Type.IsNarrow ? (uint)second : second;
        return whole > 0 ? value / whole : null;
    }
}
