namespace Weir.Query.Parsing;

/// <summary>A function of PromQL as the parser knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arguments">Types of its arguments.</param>
/// <param name="Optional">How many of the last may be left out; -1 where the last may be repeated, or left out.</param>
/// <param name="Returns">Type of its value.</param>
public sealed record Function(string Name, IReadOnlyList<ExprType> Arguments, int Optional, ExprType Returns)
{
    private const ExprType S = ExprType.Scalar, T = ExprType.String, V = ExprType.Vector, M = ExprType.Matrix;

    private static readonly Dictionary<string, Function> ByName = Make();

    /// <summary>Finds a function; null where there is none of that name.</summary>
    public static Function? Find(string name) => ByName.GetValueOrDefault(name);

    private static Dictionary<string, Function> Make()
    {
        var all = new List<Function>();
        foreach (string name in (ReadOnlySpan<string>)["rate", "increase", "irate", "delta", "idelta", "deriv", "changes", "resets",
            "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time", "stddev_over_time", "stdvar_over_time",
            "last_over_time", "first_over_time", "mad_over_time", "present_over_time", "absent_over_time"]) all.Add(new Function(name, [M], 0, V));
        foreach (string name in (ReadOnlySpan<string>)["abs", "absent", "ceil", "exp", "floor", "ln", "log10", "log2", "sgn", "sqrt", "sort", "sort_desc", "timestamp",
            "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "sin", "sinh", "tan", "tanh", "deg", "rad",
            "histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar"]) all.Add(new Function(name, [V], 0, V));
        foreach (string name in (ReadOnlySpan<string>)["day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"]) all.Add(new Function(name, [V], 1, V));
        all.AddRange(
        [
            new("clamp", [V, S, S], 0, V), new("clamp_max", [V, S], 0, V), new("clamp_min", [V, S], 0, V),
            new("histogram_fraction", [S, S, V], 0, V), new("histogram_quantile", [S, V], 0, V),
            new("label_join", [V, T, T, T], -1, V), new("label_replace", [V, T, T, T, T], 0, V),
            new("pi", [], 0, S), new("time", [], 0, S), new("scalar", [V], 0, S), new("vector", [S], 0, V),
            new("predict_linear", [M, S], 0, V), new("quantile_over_time", [S, M], 0, V), new("double_exponential_smoothing", [M, S, S], 0, V),
            new("round", [V, S], 1, V), new("sort_by_label", [V, T], -1, V), new("sort_by_label_desc", [V, T], -1, V),
        ]);
        return all.ToDictionary(static function => function.Name, StringComparer.Ordinal);
    }
}
