using System.Globalization;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Footprint;

/// <summary>node_exporter, scraped by a vmagent that writes to a VictoriaMetrics: how this is done with Prometheus' parts.</summary>
/// <param name="work">Where its files go.</param>
/// <param name="writeTo">Where vmagent writes to.</param>
/// <param name="isEqual">Whether it measures what all sides have, and nothing else.</param>
internal sealed class ExporterSide(string work, Uri writeTo, bool isEqual) : IFootprintSide
{
    private const string Exporter = "/usr/bin/prometheus-node-exporter";
    private const string Agent = "/usr/bin/vmagent";

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int[] _ports = FreePorts.Take(2);
    private ChildProcess? _exporter;
    private ChildProcess? _agent;

    public string Name => "node_exporter + vmagent";

    public long ProgramBytes => new FileInfo(Exporter).Length + new FileInfo(Agent).Length;

    public IReadOnlyList<int> Processes => [_exporter!.Id, _agent!.Id];

    /// <summary>Whether both are installed.</summary>
    public static bool IsHere => File.Exists(Exporter) && File.Exists(Agent);

    public async Task StartAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        string[] collectors = isEqual ? ["--collector.disable-defaults", .. SharedGroups.Exporter.Select(static name => $"--collector.{name}")] : [];
        _exporter = ChildProcess.Start(Exporter, [string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{_ports[0]}"), .. collectors]);
        string config = Path.Combine(work, "scrape.yaml");
        await File.WriteAllTextAsync(
            config,
            string.Create(CultureInfo.InvariantCulture, $"global: {{ scrape_interval: {interval.TotalMilliseconds:0}ms }}\nscrape_configs: [ {{ job_name: node, static_configs: [ {{ targets: [ '127.0.0.1:{_ports[0]}' ] }} ] }} ]\n"),
            cancellationToken);
        _agent = ChildProcess.Start(
            Agent, $"-promscrape.config={config}", $"-remoteWrite.url={writeTo}", $"-remoteWrite.tmpDataPath={Path.Combine(work, $"vmagent-{_ports[1]}")}", string.Create(CultureInfo.InvariantCulture, $"-httpListenAddr=127.0.0.1:{_ports[1]}"));
        while (await CountSeriesAsync(cancellationToken) == 0) await Task.Delay(50, cancellationToken);
    }

    public async Task<int> CountSeriesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await MetricsAsync(_ports[0], cancellationToken)).Count("node_");
        }
        catch (HttpRequestException) when (_exporter is { HasExited: false })
        {
            return 0;
        }
        catch (HttpRequestException e)
        {
            throw new ReplayFailedException($"{Exporter} ended: {e.Message}");
        }
    }

    public Task<TimeSpan?> TellStartAsync(CancellationToken cancellationToken) => Task.FromResult<TimeSpan?>(null);

    public async Task<double?> TellAllocatedAsync(CancellationToken cancellationToken)
    {
        double sum = 0;
        foreach (int port in _ports) sum += (await MetricsAsync(port, cancellationToken)).Sum("go_memstats_alloc_bytes_total");
        return sum;
    }

    public Task<string?> TellSelfAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null) await _agent.DisposeAsync();
        if (_exporter is not null) await _exporter.DisposeAsync();
        _http.Dispose();
    }

    private Task<MetricsPage> MetricsAsync(int port, CancellationToken cancellationToken) =>
        MetricsPage.ReadAsync(_http, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/metrics")), cancellationToken);
}
