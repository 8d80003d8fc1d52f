using System.Diagnostics.CodeAnalysis;
using Weir.Contracts;
using Weir.Query.Evaluation;
using Weir.Query.Parsing;

namespace Weir.Query;

/// <summary>Answers PromQL over a store.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class QueryEngine(ISeriesReader reader, QueryOptions options)
{
    /// <summary>The limits in force.</summary>
    public QueryOptions Options => options;

    /// <summary>Evaluates at one time.</summary>
    /// <exception cref="QueryException">It was not answered.</exception>
    /// <param name="tenant">Whose series.</param>
    /// <param name="query">PromQL.</param>
    /// <param name="timeMs">The time, Unix ms.</param>
    /// <param name="lookbackMs">How far instant selectors look back; null for <see cref="QueryOptions.Lookback"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<QueryResult> InstantAsync(string tenant, string query, long timeMs, long? lookbackMs, CancellationToken cancellationToken) =>
        RunAsync(query, async (expr, gaps, token) =>
        {
            var evaluator = new Evaluator(reader, With(lookbackMs), tenant, new Steps(timeMs, 1, 1), gaps, token);
            if (expr is StringExpr text) return new QueryResult(ExprType.String, [], text.Value);
            if (expr is RangeExpr range) return new QueryResult(ExprType.Matrix, await evaluator.ReadRangeAsync(range, timeMs));
            StepValue value = await evaluator.EvaluateAsync(expr);
            return new QueryResult(value.Scalar is null ? ExprType.Vector : ExprType.Scalar, Collect(value, new Steps(timeMs, 1, 1)));
        }, cancellationToken);

    /// <summary>Evaluates at every step of a range.</summary>
    /// <exception cref="QueryException">It was not answered.</exception>
    /// <param name="tenant">Whose series.</param>
    /// <param name="query">PromQL.</param>
    /// <param name="fromMs">First time, Unix ms.</param>
    /// <param name="toMs">Last time, Unix ms.</param>
    /// <param name="stepMs">Distance, ms.</param>
    /// <param name="lookbackMs">How far instant selectors look back; null for <see cref="QueryOptions.Lookback"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<QueryResult> RangeAsync(string tenant, string query, long fromMs, long toMs, long stepMs, long? lookbackMs, CancellationToken cancellationToken) =>
        RunAsync(query, async (expr, gaps, token) =>
        {
            if (expr.Type is ExprType.Matrix or ExprType.String)
                throw new QueryException(QueryErrorKind.Syntax, $"a range query takes an instant vector or a scalar, not a {(expr.Type == ExprType.String ? "string" : "range vector")}", expr.Position);
            if (stepMs <= 0) throw new QueryException(QueryErrorKind.Syntax, "the step must be longer than nothing");
            if (toMs < fromMs) throw new QueryException(QueryErrorKind.Syntax, "the end lies before the start");
            long count = ((toMs - fromMs) / stepMs) + 1;
            if (count > options.MaxSteps)
                throw new QueryException(QueryErrorKind.Syntax, $"the range has {count} steps, at most {options.MaxSteps} are evaluated: take a longer step or a shorter range");
            var steps = new Steps(fromMs, stepMs, (int)count);
            StepValue value = await new Evaluator(reader, With(lookbackMs), tenant, steps, gaps, token).EvaluateAsync(expr);
            return new QueryResult(ExprType.Matrix, Collect(value, steps));
        }, cancellationToken);

    /// <summary>The matchers of a query that is nothing but a selector; false for any other.</summary>
    /// <exception cref="QueryException">The text is not PromQL.</exception>
    public static bool TryGetSelector(string query, [NotNullWhen(true)] out IReadOnlyList<LabelMatcher>? matchers)
    {
        matchers = PromqlParser.Parse(query) is SelectorExpr { Shift.IsNone: true } selector ? selector.Matchers : null;
        return matchers is not null;
    }

    private QueryOptions With(long? lookbackMs) => lookbackMs is { } ms ? options with { Lookback = TimeSpan.FromMilliseconds(ms) } : options;

    private async Task<QueryResult> RunAsync(string query, Func<Expr, ReadGaps, CancellationToken, Task<QueryResult>> run, CancellationToken cancellationToken)
    {
        if (query.Length > options.MaxQueryLength) throw new QueryException(QueryErrorKind.Syntax, $"the query is longer than {options.MaxQueryLength} characters");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        try
        {
            var gaps = new ReadGaps();
            QueryResult result = await run(PromqlParser.Parse(query), gaps, limit.Token);
            return result with { Warning = gaps.ToString() };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new QueryException(QueryErrorKind.Timeout, $"the query took longer than {options.Timeout.TotalSeconds:0} s");
        }
    }

    private static List<SeriesSamples> Collect(StepValue value, Steps steps)
    {
        var results = new List<SeriesSamples>();
        if (value.Scalar is { } scalar)
        {
            results.Add(new SeriesSamples(Labels.Empty, [.. Enumerable.Range(0, steps.Count).Select(steps.At)], scalar));
            return results;
        }

        foreach (StepSeries series in value.Vector!)
        {
            int count = series.Has.Count(static has => has);
            if (count == 0) continue;
            var times = new long[count];
            var values = new double[count];
            for (int i = 0, at = 0; i < steps.Count; i++)
            {
                if (!series.Has[i]) continue;
                times[at] = steps.At(i);
                values[at++] = series.Values[i];
            }

            results.Add(new SeriesSamples(series.Labels, times, values));
        }

        return results;
    }
}
