using System.CommandLine;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Local;
using Weir.Agent.Recordings;
using Weir.Frames;
using Weir.TestKit.Processes;

namespace Weir.Bench.Lanes;

/// <summary>The command <c>lanes</c>: whether good collectors keep every tick beside bad ones, in real time.</summary>
internal static class LanesCommand
{
    private const int Failure = 1;
    private const int Flood = 100_000;
    private const string Vanishes = "processes";
    private static readonly string[] Good = ["cpu", "memory"];

    public static Command Create()
    {
        Option<int> seconds = NumberOption.Create("--seconds", "N", 40, 86_400, "How long; one that hangs counts as stuck after 30 s.", 300);
        var command = new Command("lanes", "Runs the agent's own lanes with a collector that hangs, one that throws, one that floods and one whose files vanish, in the lane of cpu and memory, and prints what doctor says of them and how many ticks each lost.") { seconds };
        command.SetAction((parsed, cancellationToken) => RunAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(TimeSpan duration, TextWriter output, CancellationToken cancellationToken)
    {
        string work = Directory.CreateTempSubdirectory("weir-lanes-").FullName;
        try
        {
            await using var tree = new RestlessTree(Path.Combine(work, "proc"));
            var config = new AgentConfig { DataDirectory = Path.Combine(work, "agent"), Listen = new IPEndPoint(IPAddress.Loopback, FreePorts.Take(1)[0]) };
            var host = new AgentHost(config, NullLoggerFactory.Instance, TimeProvider.System, (_, _) => Plan(Path.Combine(work, "proc")), () => RecordingDelivery.OpenAsync(config, NullLoggerFactory.Instance, TimeProvider.System));
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task running = host.RunAsync(stop.Token);
            await Task.Delay(duration, cancellationToken);
            using var http = new HttpClient { BaseAddress = new Uri($"http://{config.Listen}") };
            MetricsPage page = await MetricsPage.ReadAsync(http, cancellationToken);
            AgentStatus status = await new StatusReader(config, new LinuxRoots(), TimeProvider.System, NullLogger.Instance).TryAskAsync(cancellationToken) ?? throw new InvalidOperationException($"the agent does not answer at {config.Listen}");
            await stop.CancelAsync();
            await running;
            return Report(output, duration, page, status, tree.Changes);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static IReadOnlyList<PlannedCollector> Plan(string tree) =>
    [
        .. ((ICollector[])
        [
            new BadCollector("hangs", static _ => Thread.CurrentThread.Join(Timeout.Infinite)),
            new BadCollector("throws", static _ => throw new IOException("always")),
            new BadCollector("floods", static columns => columns.Shape([new SchemaPart(FloodTemplate, [.. Enumerable.Range(0, Flood).Select(static i => (string[])[i.ToString(CultureInfo.InvariantCulture)])])])),
            Known(Vanishes, new LinuxRoots(Proc: tree)),
            .. Good.Select(static name => Known(name, new LinuxRoots())),
        ]).Select(static collector => new PlannedCollector(LaneKind.High, TimeSpan.FromSeconds(1), IsAlone: false, collector)),
    ];

    private static Template FloodTemplate { get; } = new(NamingRule.OpenTelemetry, ["instance"], [new("bench.flood", "1", MetricKind.Gauge)]);

    private static SourcedCollector Known(string name, LinuxRoots roots) =>
        CollectorCatalog.All.First(info => info.Name == name).TryCreate(new CollectorContext(roots, TimeProvider.System, new CollectorConfig()), NullLogger.Instance)!;

    private static int Report(TextWriter output, TimeSpan duration, MetricsPage page, AgentStatus status, long changes)
    {
        SortedDictionary<string, double> lost = page.ByLabel("weir_agent_collector_lost_ticks_total", "collector");
        double missed = page.ByLabel("weir_agent_ticks_total", "outcome").GetValueOrDefault("missed");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s, ticks missed: {missed:0}; processes that ended and began: {changes}\n\n| collector | state | runs | ticks lost | what doctor says |\n|---|---|---|---|---|"));
        foreach (CollectorStatus each in status.Collectors) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {each.Name} | {each.State} | {each.Runs} | {lost.GetValueOrDefault(each.Name):0} | {each.Problem} |"));
        bool held = missed == 0 && status.Collectors.Where(static each => Good.Contains(each.Name) || each.Name == Vanishes).All(each => each is { State: "works", Runs: > 0 } && lost.GetValueOrDefault(each.Name) == 0);
        output.WriteLine(held ? "\nThe good ones lost no tick." : "\nThe good ones lost ticks, or do not work.");
        return held ? 0 : Failure;
    }
}
