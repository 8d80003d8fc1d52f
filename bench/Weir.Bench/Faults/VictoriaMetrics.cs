using System.Globalization;
using System.Text.Json;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Faults;

/// <summary>The remote side of vmagent: a single-node <c>victoria-metrics</c>, as Debian packages it, ended and started on one folder and port.</summary>
internal sealed class VictoriaMetrics(string data) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int _port = FreePorts.Take(1)[0];
    private ChildProcess? _process;

    /// <summary>Where it takes remote write.</summary>
    public Uri WriteUri => Address("/api/v1/write");

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = ChildProcess.Start("victoria-metrics", $"-storageDataPath={data}", string.Create(CultureInfo.InvariantCulture, $"-httpListenAddr=127.0.0.1:{_port}"), "-retentionPeriod=1y");
        for (long begun = TimeProvider.System.GetTimestamp(); !await IsReadyAsync(cancellationToken); await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken))
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(begun) > Limit) throw new ReplayFailedException($"victoria-metrics is not ready:\n{_process.Output}");
    }

    /// <summary>Ends it (SIGTERM): what it has taken is on its disk.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _process!.StopAsync(Limit, cancellationToken);
        await _process.DisposeAsync();
    }

    /// <summary>Every sample that it holds, copies included; the markers of ended series are none.</summary>
    public async Task<List<ScrapedSample>> SamplesAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage flushed = await _http.GetAsync(Address("/internal/force_flush"), cancellationToken);
        flushed.EnsureSuccessStatusCode();
        var samples = new List<ScrapedSample>();
        string lines = await _http.GetStringAsync(Address("/api/v1/export?match[]=" + Uri.EscapeDataString("""{__name__!=""}""")), cancellationToken);
        foreach (string line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var series = JsonDocument.Parse(line);
            Dictionary<string, string> labels = series.RootElement.GetProperty("metric").EnumerateObject().ToDictionary(static label => label.Name, static label => label.Value.GetString()!);
            IEnumerable<JsonElement> values = series.RootElement.GetProperty("values").EnumerateArray(), times = series.RootElement.GetProperty("timestamps").EnumerateArray();
            samples.AddRange(values.Zip(times).Where(static pair => pair.First.ValueKind == JsonValueKind.Number).Select(pair => new ScrapedSample(labels, pair.First.GetDouble(), pair.Second.GetInt64())));
        }

        return samples;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _http.Dispose();
    }

    private Uri Address(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}{path}"));

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage health = await _http.GetAsync(Address("/health"), cancellationToken);
            return health.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
