using System.Text;
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
    /// <summary>Answers a request.</summary>
    /// <param name="path">What is asked for, without a query.</param>
    /// <param name="accept">The Accept header; empty where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Content type and content; null where nothing is there.</returns>
    public async Task<(string ContentType, byte[] Content)?> TryGetAsync(string path, string accept, CancellationToken cancellationToken)
    {
        switch (path)
        {
            case "/metrics":
                var text = new OpenMetricsText(accept.Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase));
                foreach (GroupSnapshot group in await snapshot(cancellationToken).ConfigureAwait(false)) AddSeries(text, group);
                instruments.WriteTo(text);
                return (text.ContentType, Encoding.UTF8.GetBytes(text.Finish()));
            case "/status":
                return Json(stream => StatusJson.Write(stream, status()));
            case "/processes":
                return Json(stream => ProcessesJson.Write(stream, processes()));

            default:
                return null;
        }
    }

    private static (string ContentType, byte[] Content) Json(Action<Stream> write)
    {
        using var json = new MemoryStream();
        write(json);
        return ("application/json; charset=utf-8", json.ToArray());
    }

    private static void AddSeries(OpenMetricsText text, GroupSnapshot group)
    {
        for (int series = 0; series < group.Schema.SeriesCount; series++)
            if (group.Present[series] != 0) text.AddSeries(group.Schema.MetricOf(series), group.Schema.NamingOf(series), group.Schema.AttributesOf(series), group.Values[series]);
    }
}
