using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Console.Tests;

/// <summary>The pages as the server renders them, over a real listener.</summary>
public sealed class ConsoleTests : IAsyncLifetime, IHostReader
{
    private static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private readonly List<HostInfo> _hosts = [];
    private readonly RecordingDirectives _directives = new();
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public IReadOnlyList<HostInfo> Hosts(string tenant) => _hosts;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostReader>(this);
        builder.Services.AddSingleton<IAgentDirectives>(_directives);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddWeirConsole();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapWeirConsole();
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Fleet_NoHosts_SaysHowToGetOne() => Assert.Contains("No host has sent anything yet", await GetAsync("/"), StringComparison.Ordinal);

    [Fact]
    public async Task Fleet_Hosts_ShowStateAndFacts()
    {
        Add("web-1", Now);
        Add("web-2", Now - 60_000);
        Add("web-3", Now - 3_600_000);
        Add("web-4", 0);
        string page = await GetAsync("/");
        foreach (string word in (string[])["up", "stale", "down", "unknown"]) Assert.Contains($"<i class=\"dot {word}\"></i>{word}</td>", page, StringComparison.Ordinal);
        Assert.Contains("never", page, StringComparison.Ordinal);
        string stale = await GetAsync("/?state=stale");
        Assert.Contains(">web-2<", stale, StringComparison.Ordinal);
        Assert.DoesNotContain(">web-1<", stale, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_HostileNames_AreEscaped()
    {
        Add("<script>alert(1)</script>", Now, ("site", "\"><img src=x onerror=alert(2)>"));
        foreach (string path in (string[])["/", $"/host/{_hosts[0].AgentId}", "/?q=%3Cscript%3E", "/host/%3Cscript%3E"])
        {
            string page = await GetAsync(path);
            Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
            Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
            Assert.DoesNotContain("value=\"<script>", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Fleet_ThousandsOfHosts_ArePagedSortedAndSearched()
    {
        for (int i = 0; i < 3000; i++) Add($"host-{i:D4}", Now, ("site", i == 1234 ? "lab" : "dc"));
        string first = await GetAsync("/");
        Assert.Contains("Page 1 of 30", first, StringComparison.Ordinal);
        Assert.Contains(">host-0099<", first, StringComparison.Ordinal);
        Assert.DoesNotContain(">host-0100<", first, StringComparison.Ordinal);
        Assert.Contains(">host-0100<", await GetAsync("/?page=2"), StringComparison.Ordinal);
        Assert.Contains(">host-2999<", await GetAsync("/?desc=1"), StringComparison.Ordinal);
        string found = await GetAsync("/?q=lab");
        Assert.Contains(">host-1234<", found, StringComparison.Ordinal);
        Assert.DoesNotContain(">host-0001<", found, StringComparison.Ordinal);
        Assert.Contains(">host-2999<", await GetAsync("/?page=999"), StringComparison.Ordinal);
        Assert.Contains(">host-0000<", await GetAsync("/?page=-3&sort=nonsense"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_CarryAStrictPolicyAndNothingInline()
    {
        Add("web-1", Now);
        foreach (string path in (string[])["/", $"/host/{_hosts[0].AgentId}"])
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.StartsWith("default-src 'self'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            string page = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
            Assert.DoesNotContain("onclick", page, StringComparison.Ordinal);
            Assert.DoesNotContain("://", page.Replace("http://www.w3.org", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("uplot.mjs", "text/javascript")]
    [InlineData("uplot.css", "text/css")]
    [InlineData("console.css", "text/css")]
    [InlineData("host.mjs", "text/javascript")]
    [InlineData("theme.js", "text/javascript")]
    [InlineData("weir.svg", "image/svg+xml")]
    public async Task Assets_AreServedOnceAndThenFromTheBrowser(string name, string type)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri($"/assets/{name}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/assets/{name}");
        again.Headers.TryAddWithoutValidation("If-None-Match", response.Headers.ETag!.ToString());
        using HttpResponseMessage cached = await _client.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, cached.StatusCode);
    }

    [Fact]
    public async Task Unknown_HostOrAsset_Is404()
    {
        foreach (string path in (string[])["/host/nobody", "/host/nobody/state", "/assets/nothing.js", "/assets/..%2Fweir.svg"])
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Watch_ManyViewers_CostTheAgentOneLease()
    {
        Add("web-1", Now);
        for (int viewer = 0; viewer < 5; viewer++) Assert.Equal((HttpStatusCode.OK, "{\"live\":true,\"seconds\":60}"), await WatchAsync(_hosts[0].AgentId));
        (AgentId agent, Directive directive) = Assert.Single(_directives.Sent);
        Assert.Equal((_hosts[0].AgentId, 60u, 16), (agent.ToString(), directive.LiveLease.Seconds, directive.Id.Length));
        Assert.True(directive.ExpiresMs > Now);
    }

    [Fact]
    public async Task Watch_AgentAway_IsNotLiveAndAskedAgainAtOnce()
    {
        Add("web-1", Now);
        _directives.IsConnected = false;
        Assert.Equal((HttpStatusCode.OK, "{\"live\":false,\"seconds\":60}"), await WatchAsync(_hosts[0].AgentId));
        _directives.IsConnected = true;
        Assert.Equal((HttpStatusCode.OK, "{\"live\":true,\"seconds\":60}"), await WatchAsync(_hosts[0].AgentId));
    }

    [Fact]
    public async Task Watch_UnknownHost_Is404AndNobodyIsAsked()
    {
        Add("web-1", Now);
        foreach (string id in (string[])["nobody", $"{77:x32}", new string('0', 32)]) Assert.Equal(HttpStatusCode.NotFound, (await WatchAsync(id)).Status);
        using HttpResponseMessage read = await _client.GetAsync(new Uri($"/api/v1/weir/hosts/{_hosts[0].AgentId}/watch", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, read.StatusCode);
        Assert.Empty(_directives.Sent);
    }

    [Fact]
    public void TryHold_Renewed_SendsOneDirectivePerTenSeconds()
    {
        var time = new MovedTime();
        var watch = new HostWatch(_directives, time);
        Assert.True(AgentId.TryParse($"{1:x32}", out AgentId agent));

        for (int second = 0; second < 35; second++, time.Seconds++) Assert.True(watch.TryHold("default", agent));

        Assert.Equal(4, _directives.Sent.Count);
    }

    [Theory]
    [InlineData(0, 1000, HostState.Unknown)]
    [InlineData(10_000, 1000, HostState.Up)]
    [InlineData(10_001, 1000, HostState.Stale)]
    [InlineData(75_000, 15_000, HostState.Up)]
    [InlineData(300_000, 1000, HostState.Stale)]
    [InlineData(300_001, 1000, HostState.Down)]
    public void State_FollowsTheAgeOfTheNewestSample(long ageMs, int intervalMs, HostState expected)
    {
        Add("x", ageMs == 0 ? 0 : Now - ageMs);
        Assert.Equal(expected, HostStates.Of(_hosts[0] with { IntervalMs = intervalMs }, Now));
    }

    private void Add(string name, long lastSampleMs, params (string Key, string Value)[] attributes) => _hosts.Add(new HostInfo
    {
        Tenant = "default",
        AgentId = $"{_hosts.Count + 1:x32}",
        Name = name,
        Attributes = attributes.ToDictionary(static pair => pair.Key, static pair => pair.Value),
        LastSampleMs = lastSampleMs,
        IntervalMs = 1000,
        SeriesCount = 69,
    });

    private async Task<(HttpStatusCode Status, string Body)> WatchAsync(string agentId)
    {
        using HttpResponseMessage response = await _client.PostAsync(new Uri($"/api/v1/weir/hosts/{agentId}/watch", UriKind.Relative), null, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string> GetAsync(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
