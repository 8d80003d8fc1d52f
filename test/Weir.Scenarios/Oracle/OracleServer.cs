using System.Globalization;
using System.Net;
using System.Text.Json;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>A server of two gateways that is killed and started again on its data directory and ports.</summary>
internal sealed class OracleServer : IAsyncDisposable
{
    private readonly string _config;
    private readonly string _mended;
    private readonly bool _losesUnsynced;
    private readonly int _segmentBytes;
    private readonly bool _tls;
    private readonly int[] _ports = FreePorts.Take(4);
    private readonly HttpClient _http;
    private ChildProcess? _process;

    /// <summary>Makes a server; <see cref="Start"/> starts it.</summary>
    /// <param name="directory">Where data, configuration and archive go.</param>
    /// <param name="losesUnsynced">Whether a kill loses what was not flushed.</param>
    /// <param name="sealInterval">As in the configuration: off keeps the log as it is.</param>
    /// <param name="segmentBytes">Size of the log's segments.</param>
    /// <param name="tls">Whether agents join and speak TLS.</param>
    public OracleServer(string directory, bool losesUnsynced, string sealInterval, int segmentBytes, bool tls = false)
    {
        _tls = tls;
        _losesUnsynced = losesUnsynced;
        _segmentBytes = segmentBytes;
        Data = Path.Combine(directory, "server");
        _mended = MendedIn(directory);
        Log = new SegmentArchive(Path.Combine(Data, "log"), Path.Combine(directory, "server-log"));
        _config = Path.Combine(directory, "weir.yaml");
        File.WriteAllText(_config, $"agent: {{ enabled: false }}\nstore: {{ seal_interval: {sealInterval}, retention: off }}\ngate: {{ horizon_ahead: off, horizon_back: off }}\n");
        _http = new HttpClient { BaseAddress = new Uri($"http://{Address(_ports[0])}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>What its log has ever held.</summary>
    public SegmentArchive Log { get; }

    /// <summary>The gateways.</summary>
    public IReadOnlyList<IPEndPoint> Gateways => [.. _ports[1..3].Select(static port => new IPEndPoint(IPAddress.Loopback, port))];

    /// <summary>Where agents join.</summary>
    public string Enroll => Address(_ports[3]);

    /// <summary>The running process.</summary>
    public ChildProcess Process => _process ?? throw new InvalidOperationException("the server was not started");

    /// <summary>The file in the directory of a run whose presence ends the faults of all file systems.</summary>
    public static string MendedIn(string directory) => Path.Combine(directory, "mended");

    /// <summary>Starts it, with faults on its file system.</summary>
    public void Start(params IEnumerable<string> faults)
    {
        string[] common = ["up", "--data", Data, "--config", _config, "--http", Address(_ports[0]), "--grpc", Address(_ports[1]), "--grpc", Address(_ports[2])];
        string[] host = [BuiltProgram.Find("test/Weir.FaultHost", "weir-fault-host.dll"), .. common, "--segment-bytes", _segmentBytes.ToString(CultureInfo.InvariantCulture), "--archive", Log.Folder];
        if (_losesUnsynced) host = [.. host, "--lose", "unsynced"];
        if (_tls) host = [.. host, "--enroll", Enroll];
        _process = ChildProcess.Start("dotnet", [.. host, .. faults.SelectMany(static fault => new[] { "--fault", fault }), "--mended", _mended]);
    }

    /// <summary>Waits until it is ready.</summary>
    public async Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (await AskAsync("/readyz", cancellationToken) is null)
        {
            Assert.False(Process.HasExited, $"the server ended by itself:\n{Process.Output}");
            Assert.True(TimeProvider.System.GetElapsedTime(start) < limit, $"the server is not ready after {limit}:\n{Process.Output}");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>The newest time of a series that it answers with, Unix ms; 0 where it does not answer.</summary>
    public async Task<long> NewestMsAsync(string selector, CancellationToken cancellationToken)
    {
        if (await AskAsync($"/api/v1/query?query={Uri.EscapeDataString(selector + "[60s]")}", cancellationToken) is not { } json) return 0;
        using var document = JsonDocument.Parse(json);
        double newest = 0;
        foreach (JsonElement series in document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
            foreach (JsonElement sample in series.GetProperty("values").EnumerateArray()) newest = Math.Max(newest, sample[0].GetDouble());
        return (long)(newest * 1000);
    }

    /// <summary>A join token for all agents of a run.</summary>
    public async Task<string> CreateTokenAsync(CancellationToken cancellationToken)
    {
        CommandResult created = await WeirProcess.RunAsync(BuiltProgram.Find("src/Weir.Server", "weir.dll"), ["enroll", "token", "create", "--uses", "16", "--data", Data], cancellationToken);
        Assert.True(created.ExitCode == 0, created.Errors);
        return Assert.Single(created.Output);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is not null) await _process.DisposeAsync();
    }

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private async Task<string?> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellationToken) : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
