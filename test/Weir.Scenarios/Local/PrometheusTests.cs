using System.Globalization;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Local;

/// <summary>A whole agent whose <c>/metrics</c> a real Prometheus scrapes, and promtool reads.</summary>
public sealed class PrometheusTests : IAsyncLifetime
{
    private const string Checker = "/usr/bin/promtool";

    // Prometheus adds up, scrape_duration_seconds, scrape_samples_scraped, scrape_samples_post_metric_relabeling and scrape_series_added.
    private const int AddedSeries = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    // What promtool would have otherwise, and OpenTelemetry's names will not have; series carry no text of their own.
    private static readonly string[] Advice = ["no help text", "non-histogram and non-summary metrics should not have \"_count\" suffix", "use base unit \"bytes\" instead of \"bits\""];

    private readonly string _work = Directory.CreateTempSubdirectory("weir-prometheus-").FullName;
    private readonly string _target;
    private readonly HttpClient _client;
    private ChildProcess? _agent;

    public PrometheusTests()
    {
        _target = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take(1)[0]}");
        _client = new HttpClient { BaseAddress = new Uri($"http://{_target}/") };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string config = Path.Combine(_work, "weir-agent.yaml"), nobody = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take(1)[0]}");
        await File.WriteAllTextAsync(config, $"host: {{ name: scraped }}\nlisten: {_target}\n", Cancellation);
        _agent = ChildProcess.Start(
            "dotnet", BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll"), "run", "--config", config, "--data", Path.Combine(_work, "agent"), "--gateway", nobody);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_agent is not null) await _agent.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task A_prometheus_takes_every_series_as_OpenMetrics_with_the_values_that_the_agent_says()
    {
        Assert.SkipUnless(File.Exists(RunningPrometheus.Program), "needs Prometheus: apt-get install prometheus");
        Dictionary<string, double> before = Samples(await ReadAsync("text/plain"));
        await using RunningPrometheus prometheus = await RunningPrometheus.StartAsync(_work, _target, Cancellation);

        // One scrape that stands whole: its synthetic series tell how many samples the text had, and all of them are there.
        Assert.Equal([1], await prometheus.QueryAsync("up == 1 and scrape_samples_scraped > 100", Cancellation));
        Assert.Equal([AddedSeries], await prometheus.QueryAsync("""scalar(count({job="weir-agent"})) - scrape_samples_scraped""", Cancellation));
        IReadOnlyDictionary<string, string> types = await prometheus.TypesAsync(Cancellation);
        // OpenMetrics names a family of counters without the suffix of its samples, the older text with it.
        Assert.Equal("counter", types["system_cpu_time_seconds"]);
        Assert.DoesNotContain("system_cpu_time_seconds_total", types.Keys);
        Assert.Equal("gauge", types["system_memory_limit_bytes"]);
        Assert.Equal("histogram", types["weir_agent_collector_duration_seconds"]);

        const string Limit = "system_memory_limit_bytes", Busy = "system_cpu_time_seconds_total{cpu_logical_number=\"0\",cpu_mode=\"user\"}";
        double limit = Assert.Single(await prometheus.QueryAsync(Limit, Cancellation)), busy = Assert.Single(await prometheus.QueryAsync(Busy, Cancellation));
        Dictionary<string, double> after = Samples(await ReadAsync("text/plain"));
        Assert.Equal(after[Limit], limit);
        Assert.InRange(busy, before[Busy], after[Busy]);
    }

    [Fact]
    public async Task Promtool_reads_the_older_text_and_complains_of_names_and_missing_help_only()
    {
        Assert.SkipUnless(File.Exists(Checker), "needs promtool: apt-get install prometheus");
        string text = Path.Combine(_work, "metrics.txt");
        await File.WriteAllTextAsync(text, await ReadAsync("text/plain"), Cancellation);
        await using ChildProcess check = ChildProcess.Start("/bin/sh", "-c", "\"$1\" check metrics < \"$2\"", "sh", Checker, text);
        await check.WaitAsync(Patience, Cancellation);
        string[] lines = check.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, static line => !Advice.Any(line.EndsWith));
        // Advice alone, an error would be 1.
        Assert.Equal(3, check.ExitCode);
    }

    private async Task<string> ReadAsync(string accept)
    {
        for (long begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < Patience; await Task.Delay(100, Cancellation))
        {
            Assert.False(_agent!.HasExited, _agent.Output);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "metrics") { Headers = { { "Accept", accept } } };
                using HttpResponseMessage answer = await _client.SendAsync(request, Cancellation);
                string text = await answer.Content.ReadAsStringAsync(Cancellation);
                if (text.Contains("system_memory_limit_bytes", StringComparison.Ordinal)) return text;
            }
            catch (HttpRequestException)
            {
                // It is starting.
            }
        }

        throw new TimeoutException($"no series after {Patience}:\n{_agent!.Output}");
    }

    private static Dictionary<string, double> Samples(string text)
    {
        var samples = new Dictionary<string, double>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static line => line[0] != '#'))
        {
            Assert.True(PrometheusLine.TrySplit(line, out ReadOnlySpan<char> series, out double value), line);
            samples.Add(series.ToString(), value);
        }

        return samples;
    }
}
