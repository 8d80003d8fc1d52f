using System.Diagnostics;
using Weir.Agent.Collectors.Scraping;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>Both formats as a widespread client library writes them (Python's): known values in, the same values out. node_exporter writes the text format only.</summary>
public sealed class ClientLibraryTests
{
    private const string Python = "/usr/bin/python3";

    private const string Program = """
        from wsgiref.simple_server import make_server
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, Info, Enum, make_wsgi_app
        registry = CollectorRegistry()
        jobs = Counter("jobs", "By \"queue\" \\ and\nmore", ["queue"], registry=registry)
        jobs.labels("a \"b\" \\ c\nd").inc(3)
        jobs.labels("mail").inc(2.5, {"trace_id": "abc # {}"})
        Gauge("temperature", "", unit="celsius", registry=registry).set(-2.5)
        Gauge("infinite", "", registry=registry).set(float("-inf"))
        wait = Histogram("wait", "", unit="seconds", buckets=(0.1, 1), registry=registry)
        wait.observe(0.05, {"trace_id": "x"})
        wait.observe(5)
        Summary("size", "", unit="bytes", registry=registry).observe(12)
        Info("build", "", registry=registry).info({"version": "1.2"})
        Enum("mode", "", states=["on", "off"], registry=registry).state("off")
        server = make_server("127.0.0.1", 0, make_wsgi_app(registry))
        print(server.server_port, flush=True)
        server.serve_forever()
        """;

    [Theory]
    [InlineData("text/plain;version=0.0.4", "")]
    [InlineData("application/openmetrics-text;version=1.0.0", "s")]
    public async Task Library_EveryKindOfMetric_IsReadAsItWasSet(string accept, string unit)
    {
        using Process server = Process.Start(new ProcessStartInfo(File.Exists(Python) ? Python : "true", ["-c", Program]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            string? port = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen(port is null, "needs Python's prometheus_client: apt-get install python3-prometheus-client");
            using var probe = new ScrapeProbe(ScrapeProbe.At($"http://127.0.0.1:{port}/metrics") with { Headers = new Dictionary<string, string> { ["Accept"] = accept } });
            probe.Collect();
            Assert.Null(probe.Collector.Shortfall);
            Assert.Equal(
                new Dictionary<string, double>
                {
                    ["jobs_total{queue=a \"b\" \\ c\nd}"] = 3,
                    ["jobs_total{queue=mail}"] = 2.5,
                    ["temperature_celsius"] = -2.5,
                    ["infinite"] = double.NegativeInfinity,
                    ["wait_seconds_bucket{le=0.1}"] = 1,
                    ["wait_seconds_bucket{le=1.0}"] = 1,
                    ["wait_seconds_bucket{le=+Inf}"] = 2,
                    ["wait_seconds_count"] = 2,
                    ["wait_seconds_sum"] = 5.05,
                    ["size_bytes_count"] = 1,
                    ["size_bytes_sum"] = 12,
                    ["build_info{version=1.2}"] = 1,
                    ["mode{mode=on}"] = 0,
                    ["mode{mode=off}"] = 1,
                },
                probe.Values);
            Assert.Equal(new Metric("wait_seconds_sum", unit, MetricKind.Counter), probe.MetricOf("wait_seconds_sum"));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }
}
