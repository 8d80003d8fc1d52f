using System.Globalization;
using System.Text.Json;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Faults;

/// <summary>A <c>vmagent</c> that scrapes a target in this process and writes to <c>victoria-metrics</c>, both as Debian packages them, with their defaults.</summary>
/// <remarks>Made are the samples of scrapes that the target answered. Whatever it drops it counts in blocks and bytes, or logs: nothing says which samples.</remarks>
internal sealed class VmagentSide(FaultSettings settings, TextWriter progress) : IFaultSide
{
    /// <summary>Label of what it scrapes.</summary>
    public const string Job = "faults";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Caught = TimeSpan.FromSeconds(5);

    // What it says of every attempt while the remote side is down, and of every start.
    private static readonly string[] Usual = ["couldn't send a block", "error when scraping", "cannot scrape", "cannot read stream body", "unexpected status code returned when scraping", "info\t"];

    public async Task<FaultOutcome> RunAsync(QueueFault fault, string work, CancellationToken cancellationToken)
    {
        await using var target = new ScrapeTarget();
        await using var store = new VictoriaMetrics(Path.Combine(work, "store"));
        string queue = Path.Combine(work, "queue"), config = Path.Combine(work, "scrape.yaml");
        await File.WriteAllTextAsync(config, $"global: {{ scrape_interval: 1s }}\nscrape_configs:\n- job_name: {Job}\n  static_configs: [{{ targets: ['{target.Address}'] }}]\n", cancellationToken);
        int port = FreePorts.Take(1)[0];
        ChildProcess Start() => ChildProcess.Start(
            "vmagent", $"-promscrape.config={config}", $"-remoteWrite.url={store.WriteUri}", $"-remoteWrite.tmpDataPath={queue}", string.Create(CultureInfo.InvariantCulture, $"-httpListenAddr=127.0.0.1:{port}"));
        await store.StartAsync(cancellationToken);
        string said;
        await using (ChildProcess agent = Start())
        {
            await WaitAsync(async () => await NewestAsync(store, cancellationToken) > 0, Limit, cancellationToken);
            await Task.Delay(FaultSettings.Around, cancellationToken);
            await store.StopAsync(cancellationToken);
            await Task.Delay(settings.Outage, cancellationToken);
            if (fault.Kind == QueueFaultKind.Kill) await agent.KillAsync();
            else await agent.StopAsync(Limit, cancellationToken);
            said = agent.Output;
        }

        Inflict(fault, queue);
        await using (ChildProcess agent = Start())
        {
            await Task.Delay(FaultSettings.Around, cancellationToken);
            await store.StartAsync(cancellationToken);
            await WaitAsync(async () => target.Answered - await NewestAsync(store, cancellationToken) < 5, Limit, cancellationToken);
            await Task.Delay(Caught, cancellationToken);
            target.FallSilent();
            using var http = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
            await WaitAsync(async () => await CounterAsync(http, "vmagent_remotewrite_pending_data_bytes", cancellationToken) == 0, Limit, cancellationToken);
            await Task.Delay(Caught, cancellationToken);
            double blocks = await CounterAsync(http, "vm_persistentqueue_blocks_dropped_total", cancellationToken), packets = await CounterAsync(http, "vmagent_remotewrite_packets_dropped_total", cancellationToken);
            await agent.StopAsync(Limit, cancellationToken);
            said = await SummaryAsync(said, agent.Output, blocks + packets);
        }

        ScrapeBooks books = ScrapeBooks.Of(await store.SamplesAsync(cancellationToken), target);
        return new FaultOutcome
        {
            Fault = fault,
            Product = "vmagent",
            Made = target.Answered * ScrapeTarget.Series,
            Stored = books.Stored,
            Declared = 0,
            Twice = books.Twice,
            Wrong = books.Wrong,
            Said = said,
        };
    }

    private static void Inflict(QueueFault fault, string queue)
    {
        string metadata = Directory.EnumerateFiles(queue, "metainfo.json", SearchOption.AllDirectories).Single();
        if (fault.Kind == QueueFaultKind.DeletedMetadata) File.Delete(metadata);
        if (fault.Kind != QueueFaultKind.FlippedByte) return;
        using var offsets = JsonDocument.Parse(File.ReadAllText(metadata));
        long read = offsets.RootElement.GetProperty("ReaderOffset").GetInt64(), written = offsets.RootElement.GetProperty("WriterOffset").GetInt64();
        string chunk = Directory.EnumerateFiles(Path.GetDirectoryName(metadata)!).Single(static file => Path.GetFileName(file).Length == 16);
        long start = long.Parse(Path.GetFileName(chunk), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        FlippedByte.Within(chunk, read - start, written - start, fault.FlipAt);
    }

    private static async Task<long> NewestAsync(VictoriaMetrics store, CancellationToken cancellationToken) =>
        (await store.SamplesAsync(cancellationToken)).Where(static sample => sample.Labels.GetValueOrDefault("__name__") == ScrapeTarget.Metric).Select(static sample => (long)sample.Value).DefaultIfEmpty().Max();

    // What does not come within the limit is lost, and counted.
    private static async Task WaitAsync(Func<Task<bool>> isSo, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (long begun = TimeProvider.System.GetTimestamp(); !await isSo() && TimeProvider.System.GetElapsedTime(begun) < limit;) await Task.Delay(LookInterval, cancellationToken);
    }

    private static async Task<double> CounterAsync(HttpClient agent, string name, CancellationToken cancellationToken)
    {
        string metrics = await agent.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        return metrics.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal)).Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private async Task<string> SummaryAsync(string before, string after, double dropped)
    {
        string[] lines = [.. $"{before}\n{after}".Split('\n').Where(static line => line.Length > 0 && !Usual.Any(usual => line.Contains(usual, StringComparison.Ordinal)))];
        foreach (string line in lines) await progress.WriteLineAsync(line);
        return string.Create(CultureInfo.InvariantCulture, $"{dropped} dropped blocks, {lines.Length} lines of log");
    }
}
