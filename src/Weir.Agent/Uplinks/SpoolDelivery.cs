using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;
using Weir.Agent.Configuration;
using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Uplinks;

/// <summary>Spool and uplink of an agent, opened and closed together.</summary>
internal sealed class SpoolDelivery : IDelivery
{
    private readonly AgentStore _store;
    private readonly Uplink _uplink;

    private SpoolDelivery(AgentStore store, Uplink uplink, DeliverySignals signals)
    {
        _store = store;
        _uplink = uplink;
        Signals = signals;
    }

    /// <inheritdoc/>
    public IEntrySink Sink => _store;

    /// <inheritdoc/>
    public DeliverySignals Signals { get; }

    /// <summary>Opens the data directory of a configuration.</summary>
    /// <exception cref="Identity.AgentDataException">It cannot be used; the message says why and what to do.</exception>
    public static async Task<IDelivery> OpenAsync(AgentConfig config, ILoggerFactory loggers, TimeProvider time)
    {
        string version = (typeof(SpoolDelivery).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
        IReadOnlyList<SeriesAttribute> attributes =
        [
            .. HostFacts.AttributesOf(config),
            new SeriesAttribute("os.description", RuntimeInformation.OSDescription),
            new SeriesAttribute("weir.agent.version", version),
        ];
        var options = new AgentStoreOptions(config.DataDirectory, config.SpoolBytes, attributes);
        AgentStore store = await AgentStore.OpenAsync(options, new PhysicalFileSystem(), time, loggers).ConfigureAwait(false);
        var signals = new DeliverySignals(time);
        store.Appended += signals.Spooled;
        IReadOnlyList<GatewayAddress> gateways = GatewayAddress.TryParseAll(config.Gateway) ?? throw new ArgumentException($"the gateway '{config.Gateway}' is not {GatewayAddress.Form}");
        ProxySetting.TryRead(config.Proxy, out IWebProxy? proxy);
        var uplinkOptions = new UplinkOptions([.. gateways.Select(static gateway => new Uri(gateway.ToUri()))], version, RuntimeInformation.OSDescription)
        {
            HeartbeatInterval = config.HeartbeatInterval,
            Transport = config.Transport,
            Proxy = proxy,
        };
        var uplink = new Uplink(uplinkOptions, store, signals, time, loggers);
        return new SpoolDelivery(store, uplink, signals);
    }

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken cancellationToken) => _uplink.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
