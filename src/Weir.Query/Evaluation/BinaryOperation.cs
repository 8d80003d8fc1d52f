using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query.Evaluation;

/// <summary>Arithmetic and comparisons between scalars and vectors.</summary>
internal static class BinaryOperation
{
    public static StepValue Run(BinaryExpr expr, StepValue left, StepValue right, int steps)
    {
        bool comparison = expr.Operator is "==" or "!=" or ">" or ">=" or "<" or "<=";
        if (left.Scalar is { } a && right.Scalar is { } b)
        {
            var result = new double[steps];
            for (int i = 0; i < steps; i++) result[i] = Apply(expr.Operator, a[i], b[i]);
            return StepValue.Of(result);
        }

        if (left.Vector is { } vector && right.Scalar is { } scalar) return StepValue.Of(WithScalar(expr, vector, scalar, comparison, scalarLeft: false, steps));
        if (left.Scalar is { } first && right.Vector is { } second) return StepValue.Of(WithScalar(expr, second, first, comparison, scalarLeft: true, steps));
        return StepValue.Of(Matched(expr, left.Vector!, right.Vector!, comparison, steps));
    }

    private static List<StepSeries> WithScalar(BinaryExpr expr, List<StepSeries> vector, double[] scalar, bool comparison, bool scalarLeft, int steps)
    {
        var results = new List<StepSeries>();
        bool filter = comparison && !expr.ReturnBool;
        foreach (StepSeries series in vector)
        {
            var result = new StepSeries(filter ? series.Labels : WithoutName(series.Labels), steps);
            for (int i = 0; i < steps; i++)
            {
                if (!series.Has[i]) continue;
                double value = scalarLeft ? Apply(expr.Operator, scalar[i], series.Values[i]) : Apply(expr.Operator, series.Values[i], scalar[i]);
                if (!filter) result.Set(i, value);
                else if (value != 0) result.Set(i, series.Values[i]);
            }

            if (!result.IsEmpty) results.Add(result);
        }

        RefuseDuplicates(results, expr);
        return results;
    }

    private static List<StepSeries> Matched(BinaryExpr expr, List<StepSeries> left, List<StepSeries> right, bool comparison, int steps)
    {
        var others = new Dictionary<Labels, List<StepSeries>>();
        foreach (StepSeries series in right)
        {
            Labels key = Signature(expr.Matching, series.Labels);
            if (!others.TryGetValue(key, out List<StepSeries>? list)) others[key] = list = [];
            list.Add(series);
        }

        var results = new Dictionary<Labels, StepSeries>();
        foreach (StepSeries series in left)
        {
            Labels key = Signature(expr.Matching, series.Labels);
            if (!others.TryGetValue(key, out List<StepSeries>? partners)) continue;
            bool keepName = comparison && !expr.ReturnBool;
            Labels labels = expr.Matching.On && !keepName ? key : keepName ? series.Labels : Reduced(expr.Matching, series.Labels);
            if (!results.TryGetValue(labels, out StepSeries? result)) results[labels] = result = new StepSeries(labels, steps);
            for (int i = 0; i < steps; i++)
            {
                if (!series.Has[i] || Partner(partners, i, expr) is not { } other) continue;
                if (result.Has[i]) throw ManyToMany(expr, "left");
                double value = Apply(expr.Operator, series.Values[i], other.Values[i]);
                if (!keepName) result.Set(i, value);
                else if (value != 0) result.Set(i, series.Values[i]);
            }
        }

        return [.. results.Values.Where(static series => !series.IsEmpty)];
    }

    private static StepSeries? Partner(List<StepSeries> partners, int step, BinaryExpr expr)
    {
        StepSeries? found = null;
        foreach (StepSeries partner in partners)
        {
            if (!partner.Has[step]) continue;
            if (found is not null) throw ManyToMany(expr, "right");
            found = partner;
        }

        return found;
    }

    private static QueryException ManyToMany(BinaryExpr expr, string side) => new(
        QueryErrorKind.Execution, $"several series on the {side} side of '{expr.Operator}' match the same group; many-to-one matching needs group_left or group_right", expr.Position);

    private static void RefuseDuplicates(List<StepSeries> results, BinaryExpr expr)
    {
        var seen = new HashSet<Labels>();
        foreach (StepSeries series in results)
            if (!seen.Add(series.Labels)) throw new QueryException(QueryErrorKind.Execution, "vector cannot contain metrics with the same labelset", expr.Position);
    }

    private static Labels Signature(Matching matching, Labels labels) => matching.On
        ? Labels.From(labels.Where(label => matching.Labels.Contains(label.Name)))
        : Reduced(matching, labels);

    private static Labels Reduced(Matching matching, Labels labels) =>
        Labels.From(labels.Where(label => label.Name != Labels.MetricName && !matching.Labels.Contains(label.Name)));

    /// <summary>The labels without the metric's name.</summary>
    public static Labels WithoutName(Labels labels) => Labels.From(labels.Where(static label => label.Name != Labels.MetricName));

    private static double Apply(string op, double a, double b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        "^" => Math.Pow(a, b),
        "==" => a == b ? 1 : 0,
        "!=" => a != b ? 1 : 0,
        ">" => a > b ? 1 : 0,
        ">=" => a >= b ? 1 : 0,
        "<" => a < b ? 1 : 0,
        _ => a <= b ? 1 : 0,
    };
}
