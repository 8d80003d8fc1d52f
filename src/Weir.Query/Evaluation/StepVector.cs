using Weir.Contracts;

namespace Weir.Query.Evaluation;

/// <summary>The steps that a query is evaluated at.</summary>
/// <param name="FromMs">First time, Unix ms.</param>
/// <param name="StepMs">Distance, ms; 1 for an instant query.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Steps(long FromMs, long StepMs, int Count)
{
    public long ToMs => FromMs + ((Count - 1) * StepMs);

    public long At(int step) => FromMs + (step * StepMs);
}

/// <summary>One series with a value, or none, per step.</summary>
internal sealed class StepSeries(Labels labels, int steps)
{
    /// <summary>Its identity.</summary>
    public Labels Labels { get; } = labels;

    /// <summary>Value per step; meaningless where <see cref="Has"/> is false.</summary>
    public double[] Values { get; } = new double[steps];

    /// <summary>Whether there is a value, per step.</summary>
    public bool[] Has { get; } = new bool[steps];

    public void Set(int step, double value)
    {
        Values[step] = value;
        Has[step] = true;
    }

    public bool IsEmpty => Array.IndexOf(Has, true) < 0;
}

/// <summary>The value of an expression at every step: numbers, or series.</summary>
/// <param name="Scalar">One number per step; null for a vector.</param>
/// <param name="Vector">Series; null for a scalar.</param>
internal sealed record StepValue(double[]? Scalar, List<StepSeries>? Vector)
{
    public static StepValue Of(double[] scalar) => new(scalar, null);

    public static StepValue Of(List<StepSeries> vector) => new(null, vector);
}
