using System.Globalization;
using System.Text.Json;

namespace Weir.Bench.Outage;

/// <summary>Asks a server, again and again, for the newest ticks of a host.</summary>
/// <param name="server">Its HTTP API.</param>
/// <param name="host">The host's name.</param>
/// <param name="group">The group of its collectors whose ticks count.</param>
internal sealed class LiveWatch(HttpClient server, string host, string group)
{
    /// <summary>The group of the spooled outage.</summary>
    public const string OutageGroup = "high/1s";

    private readonly List<LiveTick> _ticks = [];
    private long _newestMs;

    /// <summary>Ticks that were answered with, in order.</summary>
    public IReadOnlyList<LiveTick> Ticks => _ticks;

    /// <summary>Asks once.</summary>
    /// <param name="sinceMs">Older ticks do not count, Unix ms.</param>
    public async Task LookAsync(long sinceMs, CancellationToken cancellationToken)
    {
        long from = Math.Max(sinceMs, _newestMs), range = NowMs() - from + 1000;
        List<long> times = await TimesAsync(string.Create(CultureInfo.InvariantCulture, $"{Selector(group)}[{range}ms]"), null, cancellationToken);
        long seen = NowMs();
        foreach (long time in times.Where(time => time >= sinceMs && time > _newestMs)) _ticks.Add(new LiveTick(time, seen - time));
        _newestMs = _ticks.Count > 0 ? _ticks[^1].TimeMs : 0;
    }

    /// <summary>Whether the outage's tick of this time can be queried.</summary>
    public async Task<bool> HasSpooledAsync(long timeMs, CancellationToken cancellationToken) => (await TimesAsync($"{Selector(OutageGroup)}[1s]", timeMs, cancellationToken)).Contains(timeMs);

    /// <summary>Now, Unix ms.</summary>
    public static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private string Selector(string of) => $$"""weir_agent_tick_skew_seconds{host_name="{{host}}",weir_agent_group="{{of}}"}""";

    private async Task<List<long>> TimesAsync(string query, long? atMs, CancellationToken cancellationToken)
    {
        string at = atMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $"&time={ms / 1000.0:0.000}") : "";
        using Stream answer = await server.GetStreamAsync(new Uri($"/api/v1/query?query={Uri.EscapeDataString(query)}{at}", UriKind.Relative), cancellationToken);
        using JsonDocument document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
                .SelectMany(static series => series.GetProperty("values").EnumerateArray())
                .Select(static sample => (long)Math.Round(sample[0].GetDouble() * 1000)),
        ];
    }
}
