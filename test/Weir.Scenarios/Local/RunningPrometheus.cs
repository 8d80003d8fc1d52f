using System.Globalization;
using System.Text.Json;

namespace Weir.Scenarios.Local;

/// <summary>A Prometheus of the distribution on loopback that scrapes one address each second.</summary>
internal sealed class RunningPrometheus : IAsyncDisposable
{
    /// <summary>Where Debian has it.</summary>
    public const string Program = "/usr/bin/prometheus";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ChildProcess _process;
    private readonly HttpClient _client;

    private RunningPrometheus(ChildProcess process, int port)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/api/v1/")) };
    }

    /// <summary>Starts one that keeps its files in a folder.</summary>
    public static async Task<RunningPrometheus> StartAsync(string folder, string target, CancellationToken cancellationToken)
    {
        string config = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(
            config, $"scrape_configs: [{{ job_name: weir-agent, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{{ targets: ['{target}'] }}] }}]\n", cancellationToken);
        int port = FreePorts.Take(1)[0];
        return new RunningPrometheus(
            ChildProcess.Start(Program, $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(folder, "tsdb")}", string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}")),
            port);
    }

    /// <summary>What it finds for an expression, once it finds something.</summary>
    /// <exception cref="TimeoutException">It found nothing; the message carries what it wrote.</exception>
    public async Task<IReadOnlyList<double>> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        JsonElement found = await AskAsync($"query?query={Uri.EscapeDataString(expression)}", static data => data.GetProperty("result"), cancellationToken);
        return [.. found.EnumerateArray().Select(static row => double.Parse(row.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture))];
    }

    /// <summary>The type of each family as the scraped text declared it.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TypesAsync(CancellationToken cancellationToken)
    {
        JsonElement found = await AskAsync("targets/metadata", static data => data, cancellationToken);
        return found.EnumerateArray().ToDictionary(static row => row.GetProperty("metric").GetString()!, static row => row.GetProperty("type").GetString()!);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<JsonElement> AskAsync(string path, Func<JsonElement, JsonElement> listOf, CancellationToken cancellationToken)
    {
        for (long begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < Patience; await Task.Delay(Pause, cancellationToken))
        {
            Assert.False(_process.HasExited, _process.Output);
            try
            {
                using JsonDocument answer = JsonDocument.Parse(await _client.GetStringAsync(path, cancellationToken));
                JsonElement found = listOf(answer.RootElement.GetProperty("data"));
                if (found.GetArrayLength() > 0) return found.Clone();
            }
            catch (HttpRequestException)
            {
                // It is starting.
            }
        }

        throw new TimeoutException($"{path}: nothing found after {Patience}:\n{_process.Output}");
    }
}
