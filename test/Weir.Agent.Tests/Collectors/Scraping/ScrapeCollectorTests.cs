using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Scraping;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>Whole scrapes of honest and other targets.</summary>
public sealed class ScrapeCollectorTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal)) gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] GzipAnswer(byte[] content)
    {
        byte[] packed = Gzip(content);
        return [.. Encoding.ASCII.GetBytes($"{Head}Content-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), .. packed];
    }

    private static async Task AssertFailsAsync(ScriptedTarget scripted, string error, FailureReason reason = FailureReason.Error, int maxBytes = 8 << 20)
    {
        await using (scripted)
        {
            using var probe = new ScrapeProbe(scripted.Target() with { MaxBytes = maxBytes });
            probe.Collect();
            Assert.Contains(error, probe.Collector.Shortfall, StringComparison.Ordinal);
            Assert.Equal((0, 0), (probe.Own["weir.scrape.up"], probe.Own["weir.scrape.series"]));
            Assert.Equal(ScrapeCollector.OwnSeries, probe.Columns.Count);
            Assert.Equal(reason, ReasonAfterASuccess(probe));
        }
    }

    // The series of an answer before are failed for the same reason.
    private static FailureReason? ReasonAfterASuccess(ScrapeProbe probe)
    {
        probe.Take("a 1\n");
        probe.Collect();
        Assert.True(probe.Own.ContainsKey("weir.scrape.up"));
        return Columns.ReasonOf(probe.Columns.States[ScrapeCollector.OwnSeries]);
    }

    [Fact]
    public async Task Scrapes_OverOneConnection_TellOfThemselves()
    {
        await using var scripted = ScriptedTarget.Of(ScriptedTarget.Ok("a 1\nb 2 5\n"), ScriptedTarget.Ok("a 3\nb 4 6\n"));
        using var probe = new ScrapeProbe(scripted.Target());
        probe.Collect();
        probe.Collect();
        Assert.Equal(new Dictionary<string, double> { ["a"] = 3, ["b"] = 4 }, probe.Values);
        Assert.Equal((1, 2, 2, 0), (probe.Own["weir.scrape.up"], probe.Own["weir.scrape.series"], probe.Own["weir.scrape.dropped{weir.scrape.reason=time}"], probe.Own["weir.scrape.dropped{weir.scrape.reason=duplicate}"]));
        Assert.True(probe.Own["weir.scrape.duration"] > 0);
        Assert.Equal(1, scripted.Connections);
        Assert.Contains("Accept: application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5", scripted.LastRequest, StringComparison.Ordinal);
        Assert.Contains("X-Prometheus-Scrape-Timeout-Seconds: 60", scripted.LastRequest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenMetrics_IsReadByItsContentType()
    {
        await using var scripted = ScriptedTarget.Of(ScriptedTarget.Ok("# TYPE a counter\na_total 1\n# EOF\n", "application/openmetrics-text; version=1.0.0; charset=utf-8"));
        using var probe = new ScrapeProbe(scripted.Target());
        probe.Collect();
        Assert.Equal(1, probe.Values["a_total"]);
    }

    [Fact]
    public async Task SeriesThatComeAndGoBetweenScrapes_AreFollowed()
    {
        await using var scripted = ScriptedTarget.Of(ScriptedTarget.Ok("a 1\n"), ScriptedTarget.Ok("a 2\nb 3\n"), ScriptedTarget.Ok("b 4\n"));
        using var probe = new ScrapeProbe(scripted.Target());
        string[][] expected = [["a"], ["a", "b"], ["b"]];
        foreach (string[] names in expected)
        {
            probe.Collect();
            Assert.Equal(names, probe.Values.Keys);
            Assert.Equal(names.Length, probe.Own["weir.scrape.series"]);
        }
    }

    [Fact]
    public async Task TargetThatGoesAndComesBack_FailsItsSeriesAndKeepsThem_AndIsSaidOnce()
    {
        await using var scripted = ScriptedTarget.Of(ScriptedTarget.Ok("a 1\n"), "HTTP/1.1 503 Nope\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 503 Nope\r\nContent-Length: 0\r\n\r\n", ScriptedTarget.Ok("a 2\n"));
        var log = new RecordedLog();
        using var probe = new ScrapeProbe(scripted.Target(), logger: log);
        probe.Collect();
        IReadOnlyList<SchemaPart> parts = probe.Columns.Parts;
        for (int i = 0; i < 2; i++)
        {
            probe.Collect();
            Assert.Empty(probe.Values);
            Assert.Equal(0, probe.Own["weir.scrape.up"]);
        }

        probe.Collect();
        Assert.Equal((2, 1), (probe.Values["a"], probe.Own["weir.scrape.up"]));
        Assert.Same(parts, probe.Columns.Parts);
        Assert.Equal(["1100 Target app cannot be scraped: the target answers 503 ServiceUnavailable", "1101 Target app is scraped again after 2 failed scrapes; it has 1 series"], log.Lines);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n", "the target answers 500 InternalServerError", FailureReason.Error)]
    [InlineData("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "the target answers 403 Forbidden", FailureReason.AccessDenied)]
    [InlineData("HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "the target answers 302 Found; redirects are not followed", FailureReason.Error)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\na 1\n", "content of type 'text/html'", FailureReason.Error)]
    [InlineData(Head + "Content-Encoding: br\r\nContent-Length: 4\r\n\r\na 1\n", "encoded as 'br'", FailureReason.Error)]
    [InlineData(Head + "Content-Length: 3\r\n\r\na 12345\n", "cut after 3 bytes", FailureReason.Error)]
    [InlineData(Head + "Content-Length: 1000000000\r\n\r\na 1\n", "more than 8388608 bytes", FailureReason.Error)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text\r\nContent-Length: 4\r\n\r\na 1\n", "does not end with '# EOF'", FailureReason.Error)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "invalid", FailureReason.Error)]
    [InlineData(Head + "Content-Length: 6\r\n\r\na one\n", "line 1 of the answer: the value is not a number", FailureReason.Error)]
    public Task Answer_ThatIsNone_FailsPrecisely(string answer, string error, FailureReason reason) => AssertFailsAsync(ScriptedTarget.Of(answer), error, reason);

    [Theory]
    [InlineData(Head + "Content-Length: 100\r\n\r\na 1\n")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\n4\r\na 1\n\r\n")]
    [InlineData(Head)]
    [InlineData("")]
    public Task Target_ThatHangsUpInTheMiddle_Fails(string begun) => AssertFailsAsync(
        new ScriptedTarget(async (_, stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(begun), cancellationToken);
            throw new IOException("hangs up");
        }),
        "The response ended prematurely");

    [Fact]
    public Task Target_ThatClosesInsteadOfSayingTheLength_IsReadToTheEnd_AndACutLineIsSeen() => AssertFailsAsync(
        new ScriptedTarget(async (_, stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Head + "\r\na 1\nb 12"), cancellationToken);
            throw new IOException("hangs up");
        }),
        "the answer is cut after 8 bytes: its last line does not end");

    [Fact]
    public Task Answer_WithoutEnd_EndsAtTheLimit() => AssertFailsAsync(
        new ScriptedTarget(static async (_, stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Head + "\r\n"), cancellationToken);
            byte[] more = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100).Select(static i => $"a{{i=\"{i}\"}} 1\n")));
            while (true) await stream.WriteAsync(more, cancellationToken);
        }),
        "more than 65536 bytes (max_bytes)",
        maxBytes: 65536);

    [Fact]
    public Task Gzip_OfAThousandTimesItsSize_EndsAtTheLimit() =>
        AssertFailsAsync(ScriptedTarget.Of(GzipAnswer(new byte[64 << 20])), "more than 1048576 bytes (max_bytes)", maxBytes: 1 << 20);

    [Fact]
    public async Task Gzip_Broken_FailsTheScrapeOnly()
    {
        byte[] answer = GzipAnswer(Encoding.ASCII.GetBytes("a 1\n"));
        answer[^12] ^= 0xFF;
        await using var scripted = ScriptedTarget.Of(answer, GzipAnswer(Encoding.ASCII.GetBytes("a 1\n")));
        using var probe = new ScrapeProbe(scripted.Target());
        probe.Collect();
        Assert.NotNull(probe.Collector.Shortfall);
        probe.Collect();
        Assert.Equal(1, probe.Values["a"]);
    }

    [Fact]
    public async Task Target_ThatIsSilent_FailsAtTheDeadline()
    {
        var time = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        await using var scripted = new ScriptedTarget(async (_, stream, cancellationToken) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Head + "Content-Length: 100\r\n\r\na 1\n"), cancellationToken);
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        using var probe = new ScrapeProbe(scripted.Target() with { Deadline = TimeSpan.FromSeconds(6) }, time);
        Task scrape = Task.Run(probe.Collect, TestContext.Current.CancellationToken);
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(scrape.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(6));
        await scrape.WaitAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("no whole answer within 6s", probe.Collector.Shortfall, StringComparison.Ordinal);
        Assert.Equal((0, 6), (probe.Own["weir.scrape.up"], probe.Own["weir.scrape.duration"]));
    }

    [Fact]
    public async Task Target_ThatIsSlow_IsWaitedForWithinTheDeadline()
    {
        var time = new FakeTimeProvider();
        SemaphoreSlim asked = new(0), go = new(0);
        await using var scripted = new ScriptedTarget(async (_, stream, cancellationToken) =>
        {
            foreach (string part in (string[])[Head, "Content-Length: 4\r\n\r\n", "a ", "7\n"])
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(part), cancellationToken);
                asked.Release();
                await go.WaitAsync(cancellationToken);
            }
        });
        using var probe = new ScrapeProbe(scripted.Target() with { Deadline = TimeSpan.FromSeconds(6) }, time);
        Task scrape = Task.Run(probe.Collect, TestContext.Current.CancellationToken);
        for (int part = 0; part < 4; part++)
        {
            await asked.WaitAsync(TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(1));
            go.Release();
        }

        await scrape.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((7, 1), (probe.Values["a"], probe.Own["weir.scrape.up"]));
    }

    [Fact]
    public async Task Target_ThatIsNotThere_IsDown()
    {
        string url;
        await using (var gone = ScriptedTarget.Of("")) url = gone.Url;
        using var probe = new ScrapeProbe(ScrapeProbe.At(url));
        probe.Collect();
        Assert.Contains("refused", probe.Collector.Shortfall, StringComparison.Ordinal);
        Assert.Equal(0, probe.Own["weir.scrape.up"]);

        // What it lacks reaches doctor and once through the planned collector, whose source works all the same.
        using var planned = Assert.IsType<SourcedCollector>(CollectorCatalog.Plan(new AgentConfig { ScrapeTargets = [probe.Target] }, new LinuxRoots(), TimeProvider.System, NullLogger.Instance).Single(static planned => planned.Collector.Name == "scrape:app").Collector);
        planned.Collect(new Columns());
        Assert.Equal((probe.Collector.Shortfall, SourceState.Works), (planned.Shortfall, planned.StateOf(0)));
    }

    [Fact]
    public async Task HeadersAndToken_AreSent_AndATokenThatIsNone_IsNotRepeated()
    {
        string file = Path.GetTempFileName();
        try
        {
            await using var scripted = ScriptedTarget.Of(ScriptedTarget.Ok("a 1\n"));
            using var probe = new ScrapeProbe(scripted.Target() with { BearerTokenFile = file, Headers = new Dictionary<string, string> { ["Accept"] = "text/plain", ["X-Scope"] = "mine" } });
            await File.WriteAllTextAsync(file, "s3cret\n", TestContext.Current.CancellationToken);
            probe.Collect();
            Assert.Null(probe.Collector.Shortfall);
            Assert.Contains("Authorization: Bearer s3cret\r\n", scripted.LastRequest, StringComparison.Ordinal);
            Assert.Contains("Accept: text/plain\r\n", scripted.LastRequest, StringComparison.Ordinal);
            Assert.Contains("X-Scope: mine\r\n", scripted.LastRequest, StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, "s3cret token", TestContext.Current.CancellationToken);
            probe.Collect();
            Assert.Contains("holds no token", probe.Collector.Shortfall, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", probe.Collector.Shortfall, StringComparison.Ordinal);
            File.Delete(file);
            probe.Collect();
            Assert.Contains(file, probe.Collector.Shortfall, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Certificate_IsTrustedOnlyWhereTheConfigurationSaysSo()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=target", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
        string file = Path.GetTempFileName();
        try
        {
            await using var scripted = new ScriptedTarget(static (_, stream, cancellationToken) => stream.WriteAsync(Encoding.ASCII.GetBytes(ScriptedTarget.Ok("a 1\n")), cancellationToken).AsTask(), certificate);
            Assert.Contains("certificate", ErrorOf(scripted.Target()), StringComparison.Ordinal);
            Assert.Null(ErrorOf(scripted.Target() with { InsecureSkipVerify = true }));
            Assert.Contains("holds no certificate", ErrorOf(scripted.Target() with { CaFile = file }), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);
            Assert.Null(ErrorOf(scripted.Target() with { CaFile = file }));
        }
        finally
        {
            File.Delete(file);
        }

        static string? ErrorOf(ScrapeTarget target)
        {
            using var probe = new ScrapeProbe(target);
            probe.Collect();
            return probe.Collector.Shortfall;
        }
    }

    [Fact]
    public async Task Plan_GivesEachTargetACollectorOfItsOwn()
    {
        await using var scripted = ScriptedTarget.Of(ScriptedTarget.Ok("a{site=\"x\"} 1\n"));
        var config = new AgentConfig { ScrapeTargets = [scripted.Target() with { Interval = TimeSpan.FromSeconds(5) }], HostAttributes = new Dictionary<string, string> { ["site"] = "berlin" } };
        PlannedCollector planned = CollectorCatalog.Plan(config, new LinuxRoots(), TimeProvider.System, NullLogger.Instance).Single(static planned => planned.Collector.Name == "scrape:app");
        using var collector = Assert.IsType<SourcedCollector>(planned.Collector);
        Assert.Equal((LaneKind.Scrape, TimeSpan.FromSeconds(5), true), (planned.Lane, planned.Interval, planned.IsAlone));
        var columns = new Columns();
        collector.Collect(columns);
        Assert.Contains("exported_site", columns.Parts[^1].Template.AttributeKeys);
    }
}
