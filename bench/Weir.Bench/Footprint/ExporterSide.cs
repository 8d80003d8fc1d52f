using System.Globalization;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Footprint;

/// <summary>node_exporter, scraped by a vmagent that writes to a VictoriaMetrics: how this is done with Prometheus' parts.</summary>
internal sealed class ExporterSide(string work, Uri writeTo) : IFootprintSide
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
        _exporter = ChildProcess.Start(Exporter, string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{_ports[0]}"));
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
            string text = await _http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ports[0]}/metrics")), cancellationToken);
            return text.Split('\n').Count(static line => line.StartsWith("node_", StringComparison.Ordinal));
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

    public Task<string?> TellSelfAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null) await _agent.DisposeAsync();
        if (_exporter is not null) await _exporter.DisposeAsync();
        _http.Dispose();
    }
}
