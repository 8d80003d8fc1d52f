using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;
using Weir.Agent.Local;
using Weir.Agent.Tests.Collectors;
using Weir.Frames;

namespace Weir.Agent.Tests.Local;

/// <summary>The agent's listener on loopback, spoken to byte by byte.</summary>
public sealed class LocalListenerTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private readonly InstrumentReader _instruments = new();
    private readonly TaskCompletionSource<IPEndPoint> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IPEndPoint _address = new(IPAddress.Loopback, 0);
    private Task _running = Task.CompletedTask;
    private readonly RecordedLog _log = new();
    private Exception? _pageFailure;

    public async ValueTask InitializeAsync()
    {
        var schema = new Schema([new SchemaPart(new Template(NamingRule.OpenTelemetry, ["mode"], [new Metric("test.time", "s", MetricKind.Counter)]), [["a"], ["b"]])]);
        IReadOnlyList<GroupSnapshot> groups = [new GroupSnapshot("high/1s", schema, 1_800_000_000_000, [1.5, 2], [1, 0])];
        var pages = new LocalPages(_instruments, _ => Task.FromResult(groups), static () => StatusReader.Describe(5, [Status]), () => _pageFailure is { } failure ? throw failure : Processes);
        _running = new LocalListener(_address, pages, TimeProvider.System, _log).RunAsync(_listening.SetResult, _stop.Token);
        _address = await _listening.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _instruments.Dispose();
    }

    private static CollectorStatus Status { get; } = new()
    {
        Name = "cpu",
        Lane = "high",
        IntervalMs = 1000,
        State = "degraded",
        Problem = "bad\u001b[31m",
        Series = 2,
        DurationMs = 0.25,
        Sources = [new SourceStatus("made up", "failed", "no", new SourceRight("everything", "rm -rf /"))],
    };

    private static ProcessInventory Processes { get; } = new(new Dictionary<string, IReadOnlyList<ProcessIdentity>>
    {
        ["db\u001b"] = [new ProcessIdentity(7, DateTimeOffset.FromUnixTimeSeconds(1_767_225_600)), new ProcessIdentity(9, DateTimeOffset.UnixEpoch)],
        ["idle"] = [],
    });

    private async Task<string> AskAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_address, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        using var answer = new MemoryStream();
        await client.GetStream().CopyToAsync(answer, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(answer.ToArray());
    }

    [Fact]
    public async Task Get_Metrics_HasWhatIsPresentInTheFormatThatIsAccepted()
    {
        string plain = await AskAsync("GET /metrics?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4", plain, StringComparison.Ordinal);
        Assert.Contains("# TYPE test_time_seconds_total counter\ntest_time_seconds_total{mode=\"a\"} 1.5\n#", plain, StringComparison.Ordinal);
        string open = await AskAsync("GET /metrics HTTP/1.1\r\nhost: localhost:1\r\naccept: text/plain, application/openmetrics-text;version=1.0.0\r\n\r\n");
        Assert.Contains("Content-Type: application/openmetrics-text; version=1.0.0", open, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", open, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "404 Not Found")]
    [InlineData("POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "405 Method Not Allowed")]
    [InlineData("hello\r\n\r\n", "400 Bad Request")]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: rebound.example.com\r\n\r\n", "421 Misdirected Request")]
    [InlineData("GET /metrics HTTP/1.1\r\n\r\n", "421 Misdirected Request")]
    public async Task Get_WhatIsNotServed_IsRefused(string request, string status) =>
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", await AskAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task Get_LargerThanTheLimit_IsRefused() => Assert.StartsWith(
        "HTTP/1.1 431 ", await AskAsync($"GET /metrics HTTP/1.1\r\nX: {new string('x', LocalListener.MaxHeaderBytes)}"), StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(InvalidDataException))]
    public async Task Get_PageThatFails_IsAnsweredAndSaidOnce(Type failure)
    {
        _pageFailure = (Exception)Activator.CreateInstance(failure)!;
        for (int request = 0; request < 2; request++)
            Assert.StartsWith("HTTP/1.1 500 Internal Server Error\r\n", await AskAsync("GET /processes HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("1027 The page /processes failed", Assert.Single(_log.Lines), StringComparison.Ordinal);
        _pageFailure = null;
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await AskAsync("GET /processes HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AddressIsTaken_EndsWithoutHarm()
    {
        var pages = new LocalPages(_instruments, static _ => Task.FromResult<IReadOnlyList<GroupSnapshot>>([]), static () => StatusReader.Describe(0, []), static () => ProcessInventory.None);
        await new LocalListener(_address, pages, TimeProvider.System, NullLogger.Instance).RunAsync(null, _stop.Token);
    }

    [Fact]
    public async Task TryAsk_StatusComesBackWithoutControlCharactersAndWithoutForeignCommands()
    {
        var reader = new StatusReader(new AgentConfig { Listen = _address }, new LinuxRoots(), TimeProvider.System, NullLogger.Instance);
        AgentStatus? status = await reader.TryAskAsync(TestContext.Current.CancellationToken);
        CollectorStatus collector = Assert.Single(status!.Collectors);
        Assert.Equal(("cpu", "high", 1000, "degraded", "bad[31m", 2, 0.25), (collector.Name, collector.Lane, collector.IntervalMs, collector.State, collector.Problem, collector.Series, collector.DurationMs));
        Assert.Equal(new SourceStatus("made up", "failed", "no"), Assert.Single(collector.Sources));
        Assert.Equal((5, Environment.ProcessId), (status.StartedMs, status.ProcessId));
    }

    [Fact]
    public async Task TryAskProcesses_PageThatFails_SaysWhatWasAnswered()
    {
        _pageFailure = new IOException("gone");
        var reader = new StatusReader(new AgentConfig { Listen = _address }, new LinuxRoots(), TimeProvider.System, NullLogger.Instance);
        Assert.Equal($"no agent answers at {_address}", reader.NoAnswer);
        Assert.Null(await reader.TryAskProcessesAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"the agent at {_address} answers 500 (InternalServerError), and its log says why", reader.NoAnswer);
    }

    [Fact]
    public async Task TryAskProcesses_ComeBackWithoutControlCharacters()
    {
        var reader = new StatusReader(new AgentConfig { Listen = _address }, new LinuxRoots(), TimeProvider.System, NullLogger.Instance);
        ProcessInventory? processes = await reader.TryAskProcessesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["db?", "idle"], processes!.Names.Keys);
        Assert.Equal(Processes.Names["db\u001b"], processes.Names["db?"]);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":[{\"pid\":1}]}")]
    [InlineData("{\"a\":[{\"pid\":1,\"startedMs\":9000000000000000000}]}")]
    [InlineData("{")]
    public void ReadProcesses_SomethingElse_IsRefused(string text) => Assert.ThrowsAny<System.Text.Json.JsonException>(() => ProcessesJson.Read(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task TryAsk_NobodyOrSomebodyElseAnswers_IsNothing()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = (IPEndPoint)other.LocalEndpoint;
        Task answering = Task.Run(async () =>
        {
            using TcpClient client = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"u8.ToArray(), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        Assert.Null(await AskAtAsync(address));
        await answering;
        other.Stop();
        Assert.Null(await AskAtAsync(address));
        Assert.Null(await AskAtAsync(null));

        static Task<AgentStatus?> AskAtAsync(IPEndPoint? address) =>
            new StatusReader(new AgentConfig { Listen = address }, new LinuxRoots(), TimeProvider.System, NullLogger.Instance).TryAskAsync(TestContext.Current.CancellationToken);
    }
}
