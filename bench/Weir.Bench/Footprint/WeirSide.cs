using System.Globalization;
using Weir.TestKit.Processes;

namespace Weir.Bench.Footprint;

/// <summary>The native weir-agent of <c>eng/publish</c>, sending to a weir.</summary>
internal sealed class WeirSide(string work, Uri gateway) : IFootprintSide
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int _port = FreePorts.Take(1)[0];
    private ChildProcess? _agent;

    /// <summary>The native program.</summary>
    public static string Program => RepositoryRoot.Combine("artifacts", "publish", "linux-x64", "weir-agent");

    public string Name => "weir-agent (native)";

    public long ProgramBytes => new FileInfo(Program).Length;

    public IReadOnlyList<int> Processes => [_agent!.Id];

    public async Task StartAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        string config = Path.Combine(work, "weir-agent.yaml");
        await File.WriteAllTextAsync(config, string.Create(CultureInfo.InvariantCulture, $"interval: {interval.TotalMilliseconds:0}ms\nlisten: 127.0.0.1:{_port}\n"), cancellationToken);
        _agent = ChildProcess.Start(Program, "run", "--config", config, "--gateway", gateway.Authority, "--data", Path.Combine(work, $"agent-{_port}"));
        while (await CountSeriesAsync(cancellationToken) == 0) await Task.Delay(5, cancellationToken);
    }

    public async Task<int> CountSeriesAsync(CancellationToken cancellationToken) =>
        (await MetricsAsync(cancellationToken)).Count(static line => line.StartsWith("system_", StringComparison.Ordinal) || line.StartsWith("process_", StringComparison.Ordinal) || line.StartsWith("hw_", StringComparison.Ordinal));

    public async Task<string?> TellGarbageAsync(CancellationToken cancellationToken) =>
        string.Join("; ", (await MetricsAsync(cancellationToken)).Where(static line => line.StartsWith("dotnet_gc_collections_total", StringComparison.Ordinal) || line.StartsWith("dotnet_gc_heap_total_allocated", StringComparison.Ordinal)));

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
        {
            await _agent.StopAsync(TimeSpan.FromSeconds(30));
            await _agent.DisposeAsync();
        }

        _http.Dispose();
    }

    private async Task<string[]> MetricsAsync(CancellationToken cancellationToken)
    {
        try
        {
            string text = await _http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/metrics")), cancellationToken);
            return text.Split('\n');
        }
        catch (HttpRequestException) when (_agent is { HasExited: false })
        {
            return [];
        }
    }
}
