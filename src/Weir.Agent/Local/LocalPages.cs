using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Local;

/// <summary>What an agent serves on its own host: <c>/metrics</c>, <c>/status</c> and <c>/processes</c>.</summary>
/// <param name="instruments">The agent's own figures.</param>
/// <param name="snapshot">Asks for the last ticks of all groups.</param>
/// <param name="status">Asks how the collectors do.</param>
/// <param name="processes">Asks which processes stand behind the names that have series.</param>
internal sealed class LocalPages(
    InstrumentReader instruments, Func<CancellationToken, Task<IReadOnlyList<GroupSnapshot>>> snapshot, Func<AgentStatus> status, Func<ProcessInventory> processes)
{
    // What a page is as a rule; the memory of larger ones is let go.
    private const int MaxKeptBytes = 1 << 20;

    // One of each format is kept: who asks at the same time gets one that is made for it.
    private OpenMetricsText? _openMetrics;
    private OpenMetricsText? _prometheus;

    /// <summary>Answers a request.</summary>
    /// <param name="path">What is asked for, without a query.</param>
    /// <param name="accept">The Accept header; empty where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The page, to be given back when it is sent; null where nothing is there.</returns>
    public async Task<LocalPage?> TryGetAsync(string path, string accept, CancellationToken cancellationToken)
    {
        switch (path)
        {
            case "/metrics":
                bool isOpenMetrics = accept.Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase);
                OpenMetricsText text = Interlocked.Exchange(ref Kept(isOpenMetrics), null) ?? new OpenMetricsText(isOpenMetrics);
                foreach (GroupSnapshot group in await snapshot(cancellationToken).ConfigureAwait(false)) AddSeries(text, group);
                instruments.WriteTo(text);
                return new LocalPage(text.ContentType, text.Finish(), () => GiveBack(text, isOpenMetrics));
            case "/status":
                return Json(stream => StatusJson.Write(stream, status()));
            case "/processes":
                return Json(stream => ProcessesJson.Write(stream, processes()));

            default:
                return null;
        }
    }

    private ref OpenMetricsText? Kept(bool isOpenMetrics) => ref isOpenMetrics ? ref _openMetrics : ref _prometheus;

    private void GiveBack(OpenMetricsText text, bool isOpenMetrics)
    {
        if (text.Length > MaxKeptBytes) return;
        text.Clear();
        Volatile.Write(ref Kept(isOpenMetrics), text);
    }

    private static LocalPage Json(Action<Stream> write)
    {
        using var json = new MemoryStream();
        write(json);
        return new LocalPage("application/json; charset=utf-8", json.ToArray(), null);
    }

    private static void AddSeries(OpenMetricsText text, GroupSnapshot group)
    {
        var attributes = new List<SeriesAttribute>();
        for (int series = 0; series < group.Schema.SeriesCount; series++)
        {
            if (group.Present[series] == 0) continue;
            group.Schema.CopyAttributes(series, attributes);
            text.AddSeries(group.Schema.MetricOf(series), group.Schema.NamingOf(series), attributes, group.Values[series]);
        }
    }
}
