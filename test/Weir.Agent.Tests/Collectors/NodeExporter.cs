using System.Globalization;
using System.Net.Http;
using Weir.Frames;
using Weir.TestKit.Processes;
using Weir.TestKit.Recordings;

namespace Weir.Agent.Tests.Collectors;

/// <summary>prometheus-node-exporter of the distribution on loopback, asked for what it measures.</summary>
internal sealed class NodeExporter : IAsyncDisposable
{
    /// <summary>Where Debian has it.</summary>
    public const string Program = "/usr/bin/prometheus-node-exporter";

    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private NodeExporter(ChildProcess process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<NodeExporter> StartAsync(CancellationToken cancellationToken)
    {
        int port = FreePorts.Take(1)[0];
        var exporter = new NodeExporter(ChildProcess.Start(Program, string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}")), port);
        while (true)
        {
            try
            {
                await exporter.ReadAsync(cancellationToken);
                return exporter;
            }
            catch (HttpRequestException) when (!exporter._process.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    /// <summary>Its samples now.</summary>
    public async Task<IReadOnlyList<NodeSample>> ReadAsync(CancellationToken cancellationToken)
    {
        string text = await _client.GetStringAsync("metrics", cancellationToken);
        var samples = new List<NodeSample>();
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#' || !PrometheusLine.TrySplit(line, out ReadOnlySpan<char> series, out double value)) continue;
            if (PrometheusLine.TryParseSeries(series, out string? name, out SeriesAttribute[]? labels)) samples.Add(new NodeSample(name, labels, value));
        }

        return samples;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
