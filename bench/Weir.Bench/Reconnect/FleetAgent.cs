using System.Globalization;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.TestKit.FileSystem;

namespace Weir.Bench.Reconnect;

/// <summary>The spool and the uplink of a real agent, with frames of a few samples instead of collectors.</summary>
/// <remarks>The spool lies in memory: thousands of them on one disk would measure the disk.</remarks>
internal sealed class FleetAgent : IAsyncDisposable
{
    /// <summary>How often it spools a frame of one tick.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const long SpoolBytes = 4 << 20;

    private readonly AgentStore _store;
    private readonly Uplink _uplink;
    private readonly TimeProvider _time;

    private FleetAgent(string name, AgentStore store, Uplink uplink, TimeProvider time)
    {
        Name = name;
        _store = store;
        _uplink = uplink;
        _time = time;
    }

    /// <summary>Its <c>host.name</c>.</summary>
    public string Name { get; }

    /// <summary>Times of the ticks that it has spooled, Unix ms. To be read when it collects no more.</summary>
    public List<long> Ticks { get; } = [];

    /// <summary>Whether everything that it has spooled is acked.</summary>
    public bool IsAcked => _store.UnsettledEntries == 0;

    /// <summary>Makes an agent at its first start.</summary>
    public static async Task<FleetAgent> OpenAsync(int index, UplinkOptions uplink, ConnectionRecord record, TimeProvider time)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"agent-{index + 1:00000}");
        var loggers = record.LoggersOf(index);
        var options = new AgentStoreOptions("/agent", SpoolBytes, [new("host.name", name)]) { ReserveBytes = 0 };
        var files = new CrashFileSystem();
        AgentStore store = await AgentStore.OpenAsync(options, files, time, loggers);
        return new FleetAgent(name, store, new Uplink(uplink, store, new DeliverySignals(time), time, loggers), time);
    }

    /// <summary>Keeps a connection until cancelled.</summary>
    public Task ConnectAsync(CancellationToken cancellationToken) => _uplink.RunAsync(cancellationToken);

    /// <summary>Spools a frame each interval until cancelled.</summary>
    /// <param name="schema">The frames' schema.</param>
    /// <param name="offset">How long after now the first one is due.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CollectAsync(Schema schema, TimeSpan offset, CancellationToken cancellationToken)
    {
        double[] values = new double[schema.SeriesCount];
        byte[] present = new byte[schema.SeriesCount];
        Array.Fill(present, (byte)1);
        await Task.Delay(offset, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!cancellationToken.IsCancellationRequested)
        {
            var frame = new FrameBuilder(schema, 1);
            long tick = _time.GetUtcNow().ToUnixTimeMilliseconds();
            Array.Fill(values, Ticks.Count);
            frame.AddTick(tick, values, present);
            await _store.AppendFrameAsync(frame, _store.ClockGeneration, CancellationToken.None);
            Ticks.Add(tick);
            await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
