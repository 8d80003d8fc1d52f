using System.Runtime.InteropServices;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Agent.Uploads;
using Weir.Log;

namespace Weir.Agent.Uplinks;

/// <summary>Spool and uplink of an agent, opened and closed together.</summary>
internal sealed class SpoolDelivery : IDelivery
{
    private readonly AgentStore _store;
    private readonly Uplink _uplink;
    private readonly BacklogUpload _backlog;
    private readonly AgentIdentity? _identity;

    private SpoolDelivery(AgentStore store, Uplink uplink, BacklogUpload backlog, AgentIdentity? identity, DeliverySignals signals)
    {
        _backlog = backlog;
        _store = store;
        _identity = identity;
        _uplink = uplink;
        Signals = signals;
    }

    /// <inheritdoc/>
    public IEntrySink Sink => _store;

    /// <inheritdoc/>
    public DeliverySignals Signals { get; }

    /// <summary>Opens the data directory of a configuration.</summary>
    /// <exception cref="AgentDataException">It cannot be used; the message says why and what to do.</exception>
    public static async Task<IDelivery> OpenAsync(AgentConfig config, ILoggerFactory loggers, TimeProvider time)
    {
        string version = AgentVersion.Text;
        IReadOnlyList<SeriesAttribute> attributes =
        [
            .. HostFacts.AttributesOf(config),
            new SeriesAttribute("os.description", RuntimeInformation.OSDescription),
            new SeriesAttribute("weir.agent.version", version),
        ];
        var options = new AgentStoreOptions(config.DataDirectory, config.SpoolBytes, attributes) { ReserveBytes = config.SpoolReserveBytes, Machine = HostFacts.Machine() };
        var files = new PhysicalFileSystem();
        AgentStore store = await AgentStore.OpenAsync(options, files, time, loggers).ConfigureAwait(false);
        try
        {
            var signals = new DeliverySignals(time);
            AgentIdentity? identity = AgentIdentity.Open(config, files, () => store.State, time, loggers, TakeNewIdAsync);
            if (identity is not null) store.SpeaksFor = identity.SpeaksFor;
            store.Appended += signals.Spooled;
            IReadOnlyList<GatewayAddress> gateways = GatewayAddress.TryParseAll(config.Gateway) ?? throw new ArgumentException($"the gateway '{config.Gateway}' is not {GatewayAddress.Form}");
            GatewayConnector connector = GatewayConnector.Of(config, identity);
            var uplinkOptions = new UplinkOptions([.. gateways.Select(gateway => new Uri(gateway.ToUri(secure: identity is not null)))], version, RuntimeInformation.OSDescription)
            {
                HeartbeatInterval = config.HeartbeatInterval,
                Transport = config.Transport,
                Connector = connector,
            };
            var uplink = new Uplink(uplinkOptions, store, signals, time, loggers);
            var backlog = new BacklogUpload(new BacklogOptions { UploadAbove = config.UploadAboveBytes }, store, signals, uplink.Backlog, connector.ConnectAsync, time, loggers.CreateLogger<BacklogUpload>());
            return new SpoolDelivery(store, uplink, backlog, identity, signals);

            async ValueTask<bool> TakeNewIdAsync(CancellationToken cancellationToken)
            {
                if (!await store.TakeNewIdAsync(cancellationToken).ConfigureAwait(false)) return false;
                signals.EpochBegan();
                return true;
            }
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_uplink.RunAsync(cancellationToken), _backlog.RunAsync(cancellationToken), _identity?.RunAsync(cancellationToken) ?? Task.CompletedTask);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _identity?.Dispose();
        await _store.DisposeAsync().ConfigureAwait(false);
    }
}
