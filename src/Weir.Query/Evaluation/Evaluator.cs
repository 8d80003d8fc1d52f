using Weir.Contracts;
using Weir.Query.Parsing;

namespace Weir.Query.Evaluation;

/// <summary>Evaluates an expression at all steps at once: each selector is read a single time for the whole range.</summary>
internal sealed class Evaluator(ISeriesReader reader, QueryOptions options, string tenant, Steps steps, ReadGaps gaps, CancellationToken cancellationToken)
{
    private const long StaleNaN = 0x7FF0000000000002;

    /// <summary>The value of an expression.</summary>
    /// <exception cref="QueryException">It cannot be evaluated, or not yet.</exception>
    public async ValueTask<StepValue> EvaluateAsync(Expr expr)
    {
        switch (expr)
        {
            case NumberExpr number:
                var constant = new double[steps.Count];
                Array.Fill(constant, number.Value);
                return StepValue.Of(constant);
            case ParenExpr paren:
                return await EvaluateAsync(paren.Inner);
            case SelectorExpr selector:
                return StepValue.Of(await SelectAsync(selector));
            case NegateExpr negate:
                return Negate(await EvaluateAsync(negate.Inner));
            case AggregateExpr aggregate:
                if (aggregate.Operator is not ("sum" or "avg" or "min" or "max" or "count"))
                    throw QueryException.NotSupported($"the aggregation '{aggregate.Operator}'", aggregate.Position);
                return StepValue.Of(Aggregation.Run(aggregate, (await EvaluateAsync(aggregate.Inner)).Vector!, steps.Count));
            case BinaryExpr binary:
                if (binary.Operator is "and" or "or" or "unless" or "atan2") throw QueryException.NotSupported($"the operator '{binary.Operator}'", binary.Position);
                if (binary.Matching.Group is { } group) throw QueryException.NotSupported($"the modifier '{group}'", binary.Position);
                return BinaryOperation.Run(binary, await EvaluateAsync(binary.Left), await EvaluateAsync(binary.Right), steps.Count);
            case CallExpr call:
                if (call.Function.Name is "rate" or "increase" && call.Arguments[0] is RangeExpr range)
                    return StepValue.Of(await IncreaseAsync(range, call.Function.Name == "rate"));
                throw call.Arguments.Count > 0 && call.Arguments[0] is SubqueryExpr
                    ? QueryException.NotSupported("subqueries", call.Arguments[0].Position)
                    : QueryException.NotSupported($"the function '{call.Function.Name}'", call.Position);
            case SubqueryExpr:
                throw QueryException.NotSupported("subqueries", expr.Position);
            default:
                throw QueryException.NotSupported($"an expression of type {expr.Type} here", expr.Position);
        }
    }

    /// <summary>The raw samples of a range selector at one time.</summary>
    public async ValueTask<IReadOnlyList<SeriesSamples>> ReadRangeAsync(RangeExpr range, long timeMs)
    {
        RefuseShift(range.Selector);
        IReadOnlyList<SeriesSamples> read = await ReadAsync(range.Selector, timeMs - range.RangeMs + 1, timeMs, latestOnly: false);
        return [.. read.Select(WithoutStale).Where(static series => series.TimesMs.Length > 0)];
    }

    private async ValueTask<List<StepSeries>> SelectAsync(SelectorExpr selector)
    {
        RefuseShift(selector);
        long lookback = (long)options.Lookback.TotalMilliseconds;
        var results = new List<StepSeries>();
        foreach (SeriesSamples series in await ReadAsync(selector, steps.FromMs - lookback + 1, steps.ToMs, latestOnly: steps.Count == 1))
        {
            var result = new StepSeries(series.Labels, steps.Count);
            int cursor = -1;
            for (int i = 0; i < steps.Count; i++)
            {
                long time = steps.At(i);
                while (cursor + 1 < series.TimesMs.Length && series.TimesMs[cursor + 1] <= time) cursor++;
                if (cursor >= 0 && series.TimesMs[cursor] > time - lookback && !IsStale(series.Values[cursor])) result.Set(i, series.Values[cursor]);
            }

            if (!result.IsEmpty) results.Add(result);
        }

        return results;
    }

    private async ValueTask<List<StepSeries>> IncreaseAsync(RangeExpr range, bool perSecond)
    {
        RefuseShift(range.Selector);
        var results = new List<StepSeries>();
        foreach (SeriesSamples read in await ReadAsync(range.Selector, steps.FromMs - range.RangeMs + 1, steps.ToMs, latestOnly: false))
        {
            SeriesSamples series = WithoutStale(read);
            var result = new StepSeries(BinaryOperation.WithoutName(series.Labels), steps.Count);
            int first = 0, last = -1;
            for (int i = 0; i < steps.Count; i++)
            {
                long to = steps.At(i), from = to - range.RangeMs;
                while (last + 1 < series.TimesMs.Length && series.TimesMs[last + 1] <= to) last++;
                while (first < series.TimesMs.Length && series.TimesMs[first] <= from) first++;
                if (first > last) continue;
                int count = last - first + 1;
                if (CounterMath.Increase(series.TimesMs.AsSpan(first, count), series.Values.AsSpan(first, count), from, to, perSecond) is { } value) result.Set(i, value);
            }

            if (!result.IsEmpty) results.Add(result);
        }

        RefuseDuplicates(results, range);
        return results;
    }

    private static void RefuseDuplicates(List<StepSeries> results, Expr expr)
    {
        var seen = new HashSet<Labels>();
        foreach (StepSeries series in results)
            if (!seen.Add(series.Labels)) throw new QueryException(QueryErrorKind.Execution, "vector cannot contain metrics with the same labelset", expr.Position);
    }

    private async ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(SelectorExpr selector, long fromMs, long toMs, bool latestOnly)
    {
        try
        {
            return await reader.ReadAsync(
                new SeriesSelection
                {
                    Tenant = tenant, Matchers = selector.Matchers, FromMs = fromMs, ToMs = toMs, LatestOnly = latestOnly, MaxSamples = options.MaxSamples, Gaps = gaps,
                },
                cancellationToken);
        }
        catch (ReadLimitException e)
        {
            throw new QueryException(QueryErrorKind.Limit, e.Message, selector.Position, e);
        }
    }

    private static void RefuseShift(SelectorExpr selector)
    {
        if (selector.Shift.IsNone) return;
        throw QueryException.NotSupported(selector.Shift.OffsetMs != 0 ? "the modifier 'offset'" : "the modifier '@'", selector.Position);
    }

    private static SeriesSamples WithoutStale(SeriesSamples series)
    {
        if (!Array.Exists(series.Values, IsStale)) return series;
        int[] kept = [.. Enumerable.Range(0, series.Values.Length).Where(i => !IsStale(series.Values[i]))];
        return series with { TimesMs = [.. kept.Select(i => series.TimesMs[i])], Values = [.. kept.Select(i => series.Values[i])] };
    }

    private static StepValue Negate(StepValue value)
    {
        if (value.Scalar is { } scalar) return StepValue.Of([.. scalar.Select(static number => -number)]);
        var results = new List<StepSeries>();
        foreach (StepSeries series in value.Vector!)
        {
            var result = new StepSeries(BinaryOperation.WithoutName(series.Labels), series.Values.Length);
            for (int i = 0; i < series.Values.Length; i++)
                if (series.Has[i]) result.Set(i, -series.Values[i]);
            results.Add(result);
        }

        return StepValue.Of(results);
    }

    private static bool IsStale(double value) => BitConverter.DoubleToInt64Bits(value) == StaleNaN;
}
