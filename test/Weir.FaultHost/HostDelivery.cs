using Microsoft.Extensions.Logging;
using Weir.Agent.Collection;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Agent.Uplinks;
using Weir.FaultHost.Files;

namespace Weir.FaultHost;

/// <summary>Spool and uplink of an agent as the product puts them together, on another file system and with the patience of a test.</summary>
internal sealed class HostDelivery : IDelivery
{
    private readonly Uplink _uplink;
    private readonly AgentIdentity? _identity;

    private HostDelivery(AgentStore store, Uplink uplink, AgentIdentity? identity, DeliverySignals signals)
    {
        Store = store;
        _uplink = uplink;
        _identity = identity;
        Signals = signals;
    }

    /// <summary>The spool.</summary>
    public AgentStore Store { get; }

    public IEntrySink Sink => Store;

    public DeliverySignals Signals { get; }

    public static async Task<HostDelivery> OpenAsync(AgentConfig config, HostArguments arguments, TimeProvider time, ILoggerFactory loggers)
    {
        var spool = new AgentStoreOptions(config.DataDirectory, config.SpoolBytes, HostFacts.AttributesOf(config));
        FaultFileSystem files = arguments.Files();
        AgentStore store = await AgentStore.OpenAsync(spool with { SegmentBytes = arguments.Number("--segment-bytes", spool.SegmentBytes) }, files, time, loggers);
        // Certificates are judged by the clock of the machine, which no fault steps.
        AgentIdentity? identity = AgentIdentity.Open(config, files, () => store.State, TimeProvider.System, loggers, store.TakeNewIdAsync);
        if (identity is not null) store.SpeaksFor = identity.SpeaksFor;
        var signals = new DeliverySignals(time);
        store.Appended += signals.Spooled;
        var options = new UplinkOptions([new Uri($"{(identity is null ? "http" : "https")}://{config.Gateway}")], "test", "test")
        {
            Connector = GatewayConnector.Of(config, identity),
            HeartbeatInterval = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(3),
            FirstDelay = TimeSpan.FromMilliseconds(100),
            MaxDelay = TimeSpan.FromSeconds(1),
            WatchInterval = TimeSpan.FromMilliseconds(500),
            SaveAcksInterval = TimeSpan.FromMilliseconds(500),
        };
        return new HostDelivery(store, new Uplink(options, store, signals, time, loggers), identity, signals);
    }

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_uplink.RunAsync(cancellationToken), _identity?.RunAsync(cancellationToken) ?? Task.CompletedTask);

    public ValueTask DisposeAsync()
    {
        _identity?.Dispose();
        return Store.DisposeAsync();
    }
}
