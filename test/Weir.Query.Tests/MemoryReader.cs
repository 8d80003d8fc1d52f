using Weir.Contracts;

namespace Weir.Query.Tests;

/// <summary>Series in memory, for the engine.</summary>
internal sealed class MemoryReader : ISeriesReader
{
    private readonly List<SeriesSamples> _series = [];

    /// <summary>What every read says that it had to leave out; null for nothing.</summary>
    public string? Gap { get; set; }

    /// <summary>Adds a series with a sample each step from 0 ms on; NaN with the stale bits marks the end of a series.</summary>
    public MemoryReader Add(string name, string labels, int stepMs, params double[] values)
    {
        Label[] parsed = [.. labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static pair => new Label(pair.Split('=')[0], pair.Split('=')[1]))];
        _series.Add(new SeriesSamples(
            Labels.From([new Label(Labels.MetricName, name), .. parsed]), [.. Enumerable.Range(0, values.Length).Select(i => (long)i * stepMs)], values));
        return this;
    }

    public ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(SeriesSelection selection, CancellationToken cancellationToken)
    {
        if (Gap is not null) selection.Gaps?.Add(Gap);
        var results = new List<SeriesSamples>();
        long samples = 0;
        foreach (SeriesSamples series in _series.Where(series => selection.Matchers.All(matcher => matcher.Matches(series.Labels[matcher.Name]))))
        {
            int[] inside = [.. Enumerable.Range(0, series.TimesMs.Length).Where(i => series.TimesMs[i] >= selection.FromMs && series.TimesMs[i] <= selection.ToMs)];
            if (selection.LatestOnly) inside = [.. inside.TakeLast(1)];
            samples += inside.Length;
            if (samples > selection.MaxSamples) throw new ReadLimitException("samples", selection.MaxSamples);
            if (inside.Length > 0) results.Add(new SeriesSamples(series.Labels, [.. inside.Select(i => series.TimesMs[i])], [.. inside.Select(i => series.Values[i])]));
        }

        return ValueTask.FromResult<IReadOnlyList<SeriesSamples>>(results);
    }

    public ValueTask<IReadOnlyList<Labels>> FindSeriesAsync(SeriesSelection selection, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<Labels>>(
        [.. _series.Where(series => selection.Matchers.All(matcher => matcher.Matches(series.Labels[matcher.Name]))).Select(static series => series.Labels)]);
}
