using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Configuration;
using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Agents;

/// <summary>A real <c>weir-agent run</c> on a data directory of its own, started and ended as often as needed.</summary>
internal sealed class BenchAgent : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LinePoll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(20);

    private readonly string _program;
    private readonly string _config;
    private readonly string _host;
    private ChildProcess? _process;

    /// <summary>Makes an agent; <see cref="Start"/> starts it.</summary>
    /// <param name="program">A <c>weir-agent.dll</c>, or the native file.</param>
    /// <param name="directory">Where its configuration and data go.</param>
    /// <param name="host">Its host's name.</param>
    /// <param name="settings">Lines of its configuration beside the name.</param>
    public BenchAgent(string program, string directory, string host, string settings)
    {
        Directory.CreateDirectory(directory);
        _program = program;
        _host = host;
        Data = Path.Combine(directory, "data");
        _config = Path.Combine(directory, "weir-agent.yaml");
        File.WriteAllText(_config, $"host: {{ name: {host} }}\n{settings}\n");
    }

    /// <summary>The agent that was built from this repository.</summary>
    public static string Built => BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll");

    /// <summary>Its data directory.</summary>
    public string Data { get; }

    /// <summary>Its spool.</summary>
    public string Spool => AgentStore.SpoolDirectory(Data);

    /// <summary>The configuration of an agent of this name in the bench's own process: the one that is filled before, or drained behind the real one.</summary>
    public AgentConfig InProcess(string gateway) => new() { DataDirectory = Data, HostName = _host, Gateway = gateway };

    /// <summary>Starts the process.</summary>
    public void Start(string gateway)
    {
        string[] arguments = ["run", "--config", _config, "--data", Data, "--gateway", gateway];
        _process = _program.EndsWith(".dll", StringComparison.Ordinal) ? ChildProcess.Start("dotnet", [_program, .. arguments]) : ChildProcess.Start(_program, arguments);
    }

    /// <summary>Waits until its log has a text.</summary>
    /// <exception cref="ReplayFailedException">It ended or did not say so in time.</exception>
    public async Task WaitForAsync(string text, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (long begun = TimeProvider.System.GetTimestamp(); !Process.Output.Contains(text, StringComparison.Ordinal);)
        {
            if (Process.HasExited || TimeProvider.System.GetElapsedTime(begun) > limit) throw new ReplayFailedException($"{_host} did not say '{text}' within {limit.TotalSeconds} s:\n{Process.Output}");
            await Task.Delay(LinePoll, cancellationToken);
        }
    }

    /// <summary>Ends it (SIGTERM).</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        int code = await Process.StopAsync(StopLimit, cancellationToken);
        if (code != 0) throw new ReplayFailedException($"{_host} ended with code {code}:\n{Process.Output}");
        await Process.DisposeAsync();
    }

    /// <summary>Sends what the ended agent has left in its spool, by the agent's own code in this process, until all of it is acked.</summary>
    public async Task DrainAsync(string gateway, TimeSpan limit, CancellationToken cancellationToken)
    {
        IDelivery delivery = await SpoolDelivery.OpenAsync(InProcess(gateway), NullLoggerFactory.Instance, TimeProvider.System);
        await using (delivery)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task sending = delivery.RunAsync(stop.Token);
            var store = (AgentStore)delivery.Sink;
            long begun = TimeProvider.System.GetTimestamp();
            while (store.UnsettledEntries > 0 && TimeProvider.System.GetElapsedTime(begun) < limit) await Task.Delay(DrainPoll, cancellationToken);
            await stop.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (store.UnsettledEntries > 0) throw new ReplayFailedException($"{store.UnsettledEntries} entries of {_host} are not acked after {limit.TotalSeconds} s");
        }
    }

    /// <summary>Kills it (SIGKILL) if it runs; it may be started again.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    private ChildProcess Process => _process ?? throw new InvalidOperationException($"{_host} was not started");
}
