using Microsoft.Extensions.Logging;
using Weir.Agent.Collection;
using Weir.Agent.Configuration;
using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;

namespace Weir.FaultHost;

/// <summary>Spool and uplink of an agent as the product puts them together, on another file system and with the patience of a test.</summary>
internal sealed class HostDelivery : IDelivery
{
    private readonly Uplink _uplink;

    private HostDelivery(AgentStore store, Uplink uplink, DeliverySignals signals)
    {
        Store = store;
        _uplink = uplink;
        Signals = signals;
    }

    /// <summary>The spool.</summary>
    public AgentStore Store { get; }

    public IEntrySink Sink => Store;

    public DeliverySignals Signals { get; }

    public static async Task<HostDelivery> OpenAsync(AgentConfig config, HostArguments arguments, TimeProvider time, ILoggerFactory loggers)
    {
        var spool = new AgentStoreOptions(config.DataDirectory, config.SpoolBytes, HostFacts.AttributesOf(config));
        AgentStore store = await AgentStore.OpenAsync(spool with { SegmentBytes = arguments.Number("--segment-bytes", spool.SegmentBytes) }, arguments.Files(), time, loggers);
        var signals = new DeliverySignals(time);
        store.Appended += signals.Spooled;
        var options = new UplinkOptions([new Uri($"http://{config.Gateway}")], "test", "test")
        {
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(3),
            FirstDelay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(1),
            WatchInterval = TimeSpan.FromMilliseconds(500),
            SaveAcksInterval = TimeSpan.FromMilliseconds(500),
        };
        return new HostDelivery(store, new Uplink(options, store, signals, time, loggers), signals);
    }

    public Task RunAsync(CancellationToken cancellationToken) => _uplink.RunAsync(cancellationToken);

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
