using System.Globalization;
using System.Text.Json;

namespace Weir.Bench.Skew;

/// <summary>Reads each tick's <c>weir.agent.tick.skew</c> from the server that the agent sent it to.</summary>
internal static class StoredSkew
{
    /// <summary>The skews of a stretch by group of collectors, lost ticks not known.</summary>
    public static async Task<IReadOnlyList<SkewResult>> ReadAsync(Uri server, DateTimeOffset to, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server };
        string query = string.Create(CultureInfo.InvariantCulture, $"weir_agent_tick_skew_seconds[{duration.TotalSeconds:0}s]"), at = (to.ToUnixTimeMilliseconds() / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
        using Stream answer = await http.GetStreamAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}&time={at}", UriKind.Relative), cancellationToken);
        using JsonDocument document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .Select(static series => new SkewResult(
                    $"weir-agent {series.GetProperty("metric").GetProperty("weir_agent_group").GetString()}",
                    [.. series.GetProperty("values").EnumerateArray().Select(static sample => double.Parse(sample[1].GetString()!, CultureInfo.InvariantCulture) * 1000).Order()],
                    0))
                .OrderByDescending(static result => result.SortedMs.Length),
        ];
    }
}
