namespace Weir.Agent.Collection;

/// <summary>What stands behind collection: the spool, and whatever carries it to a gateway.</summary>
internal interface IDelivery : IAsyncDisposable
{
    /// <summary>Where frames and declarations go.</summary>
    IEntrySink Sink { get; }

    /// <summary>What collection hears of the way to the gateway.</summary>
    DeliverySignals Signals { get; }

    /// <summary>Sends what the spool holds until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
