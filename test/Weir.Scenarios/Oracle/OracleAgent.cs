using Weir.Agent.Identity;
using Weir.Log;
using Weir.TestKit.Network;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>An agent process behind a fault proxy of its own that is killed and started again on its data directory.</summary>
internal sealed class OracleAgent : IAsyncDisposable
{
    private readonly string _directory;
    private readonly string _mended;
    private readonly string[] _host;
    private string[] _join = [];
    private ChildProcess? _process;

    /// <summary>Makes an agent; <see cref="Start"/> starts it.</summary>
    /// <param name="directory">Where everything of it goes.</param>
    /// <param name="name">Its host's name.</param>
    /// <param name="proxy">Its way to the server.</param>
    /// <param name="host">Arguments for the fault host; empty: the agent as it ships, with its own patience.</param>
    public OracleAgent(string directory, string name, FaultProxy proxy, params string[] host)
    {
        _directory = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        _mended = OracleServer.MendedIn(directory);
        _host = host;
        Name = name;
        Proxy = proxy;
        Spool = new SegmentArchive(Path.Combine(Data, "spool"), Path.Combine(_directory, "spool-archive"));
        File.WriteAllText(ConfigFile, $"host: {{ name: {name} }}\ninterval: 200ms\nframe_seconds: 0\n");
        File.WriteAllText(ClockFile, "0\n");
    }

    /// <summary>Its host's name.</summary>
    public string Name { get; }

    /// <summary>Its way to the server.</summary>
    public FaultProxy Proxy { get; }

    /// <summary>What its spool has ever held.</summary>
    public SegmentArchive Spool { get; }

    /// <summary>One fault of its process and files at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>When its files were damaged last.</summary>
    public DateTime DamagedAt { get; set; }

    /// <summary>Whether it runs on a file system and clock that can fail.</summary>
    public bool IsHosted => _host.Length > 0;

    /// <summary>The data directory.</summary>
    public string Data => Path.Combine(_directory, "data");

    /// <summary>The file that steps its clock, in ms.</summary>
    public string ClockFile => Path.Combine(_directory, "clock");

    /// <summary>The running process.</summary>
    public ChildProcess Process => _process ?? throw new InvalidOperationException($"{Name} was not started");

    /// <summary>Who it is; known once it has started.</summary>
    public AgentState State => ReadState(Data);

    private string ConfigFile => Path.Combine(_directory, "weir-agent.yaml");

    /// <summary>Who an agent's data directory says that it is.</summary>
    public static AgentState ReadState(string data) => new AgentStateFile(new PhysicalFileSystem(), data).Read() ?? throw new InvalidDataException($"{data} holds no agent");

    /// <summary>From its next start on it joins, if it has not, and speaks TLS.</summary>
    /// <param name="token">What it joins with; null: it has joined.</param>
    /// <param name="enroll">Where it joins and renews.</param>
    public void JoinWith(string? token, string enroll) => _join = token is null ? ["--enroll", enroll] : ["--token", token, "--enroll", enroll];

    /// <summary>Starts it, with faults on its file system if it is hosted.</summary>
    public void Start(params IEnumerable<string> faults) => _process = IsHosted
        ? Launch("agent", ["--interval-ms", "200", "--clock", ClockFile, .. _host, .. faults.SelectMany(static fault => new[] { "--fault", fault }), "--mended", _mended])
        : ChildProcess.Start("dotnet", [BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll"), "run", "--config", ConfigFile, "--data", Data, "--gateway", Proxy.EndPoint.ToString(), .. _join]);

    /// <summary>Sends what is left in its spool, without measuring anything.</summary>
    public async Task DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await using ChildProcess drain = Launch("drain", []);
        int code = await drain.WaitAsync(limit, cancellationToken);
        Assert.True(code == 0, $"the spool of {Name} could not be drained, code {code}:\n{drain.Output}");
        Spool.Keep();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        await Proxy.DisposeAsync();
        Turn.Dispose();
    }

    private ChildProcess Launch(string mode, IEnumerable<string> more) => ChildProcess.Start(
        "dotnet", [BuiltProgram.Find("test/Weir.FaultHost", "weir-fault-host.dll"), mode, "--data", Data, "--gateway", Proxy.EndPoint.ToString(), "--host", Name, "--archive", Spool.Folder, .. _join, .. more]);
}
