using Weir.Agent.Configuration;
using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Recordings;

/// <summary>A spool that nobody empties: what is collected into it becomes a recording.</summary>
internal sealed class RecordingDelivery : IDelivery
{
    private readonly AgentStore _store;

    private RecordingDelivery(AgentStore store, DeliverySignals signals)
    {
        _store = store;
        Signals = signals;
    }

    /// <inheritdoc/>
    public IEntrySink Sink => _store;

    /// <inheritdoc/>
    public DeliverySignals Signals { get; }

    /// <summary>Opens a spool in a directory of its own.</summary>
    public static async Task<IDelivery> OpenAsync(AgentConfig config, ILoggerFactory loggers, TimeProvider time)
    {
        var options = new AgentStoreOptions(config.DataDirectory, config.SpoolBytes, HostFacts.AttributesOf(config)) { ReserveBytes = 0 };
        AgentStore store = await AgentStore.OpenAsync(options, new PhysicalFileSystem(), time, loggers).ConfigureAwait(false);
        var signals = new DeliverySignals(time);
        store.Appended += signals.Spooled;
        return new RecordingDelivery(store, signals);
    }

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
