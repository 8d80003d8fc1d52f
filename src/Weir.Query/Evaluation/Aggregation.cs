using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query.Evaluation;

/// <summary>sum, avg, min, max and count over groups of series.</summary>
internal static class Aggregation
{
    public static List<StepSeries> Run(AggregateExpr expr, List<StepSeries> input, int steps)
    {
        var groups = new Dictionary<Labels, (StepSeries Result, int[] Counts)>();
        foreach (StepSeries series in input)
        {
            Labels key = Group(expr, series.Labels);
            if (!groups.TryGetValue(key, out (StepSeries Result, int[] Counts) group)) groups[key] = group = (new StepSeries(key, steps), new int[steps]);
            for (int i = 0; i < steps; i++)
                if (series.Has[i]) Add(expr.Operator, group.Result, group.Counts, i, series.Values[i]);
        }

        foreach ((StepSeries result, int[] counts) in groups.Values)
        {
            for (int i = 0; i < steps; i++)
            {
                if (expr.Operator == "avg" && counts[i] > 0) result.Values[i] /= counts[i];
                if (expr.Operator == "count") result.Values[i] = counts[i];
            }
        }

        return [.. groups.Values.Select(static group => group.Result)];
    }

    private static void Add(string op, StepSeries result, int[] counts, int step, double value)
    {
        double held = result.Values[step];
        bool first = counts[step]++ == 0;
        result.Has[step] = true;
        result.Values[step] = op switch
        {
            "min" => first || value < held || double.IsNaN(held) ? value : held,
            "max" => first || value > held || double.IsNaN(held) ? value : held,
            "count" => 0,
            _ => first ? value : held + value,
        };
    }

    private static Labels Group(AggregateExpr expr, Labels labels) => expr.Without
        ? Labels.From(labels.Where(label => label.Name != Labels.MetricName && !expr.Labels.Contains(label.Name)))
        : expr.Labels.Count == 0 ? Labels.Empty : Labels.From(labels.Where(label => expr.Labels.Contains(label.Name)));
}
