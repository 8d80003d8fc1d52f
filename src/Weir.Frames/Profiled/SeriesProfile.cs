namespace Weir.Frames.Profiled;

/// <summary>How one series has behaved: what a frame's differences are taken from, and which tables code them.</summary>
/// <remarks>
/// Levels are quanta: a value is base + quantum x level in its <see cref="NumberForm"/>, so the level at the base is 0.
/// <c>docs/formats/baseline.md</c> gives each field's range.
/// </remarks>
internal struct SeriesProfile
{
    /// <summary>The profile of a series that stood still, or that nothing is known of: still, and anything is possible once it moves.</summary>
    public static readonly SeriesProfile Still = new()
    {
        Quantum = 1, Twin = -1, Constant = true, ZeroAfterMove = 8, ZeroAfterZero = 13, Sign = 1, Spread = 4, Center = 4, FirstSpread = 4, FirstCenter = 4,
    };

    /// <summary>The value at the base, in the series' form.</summary>
    public long Base;

    /// <summary>The same as a double.</summary>
    public double BaseValue;

    /// <summary>Mean growth per tick in 1/256 levels.</summary>
    public long Rate;

    /// <summary>What all differences are multiples of, from 1.</summary>
    public long Quantum;

    /// <summary>The earlier series whose steps this one follows; -1 where there is none.</summary>
    public int Twin;

    /// <summary>The <see cref="NumberForm"/>.</summary>
    public byte Form;

    /// <summary>What steps are expected.</summary>
    public Predictor Predictor;

    /// <summary>Level of the probability that a residual is zero behind one that is not.</summary>
    public byte ZeroAfterMove;

    /// <summary>Level of the probability that a residual is zero behind a zero.</summary>
    public byte ZeroAfterZero;

    /// <summary>Signs of the residuals: 0 nearly all positive, 1 mixed, 2 nearly all negative.</summary>
    public byte Sign;

    /// <summary>Table of the residuals' magnitudes.</summary>
    public byte Spread;

    /// <summary>Usual magnitude, as a power of two.</summary>
    public byte Center;

    /// <summary>Table of the first tick's residual.</summary>
    public byte FirstSpread;

    /// <summary>Its usual magnitude one tick behind the base, as a power of two.</summary>
    public byte FirstCenter;

    /// <summary>How that grows with distance from the base, in halves of its logarithm: 0 noise, 1 random walk, 2 drift.</summary>
    public byte Growth;

    /// <summary>Whether the series kept its base value all through the window.</summary>
    public bool Constant;

    /// <summary>Whether the series had no value at the base.</summary>
    public bool Absent;

    /// <summary>The step that <see cref="Predictor.Rate"/> predicts, in levels.</summary>
    public readonly long StepRate => (Rate + 128) >> 8;
}
