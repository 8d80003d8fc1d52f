namespace Weir.Bench.Faults;

/// <summary>A product with its agent, its queue and its store.</summary>
internal interface IFaultSide
{
    /// <summary>Takes it through an outage with a fault, waits until everything that can come has come, and closes its books.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="work">An empty folder.</param>
    Task<FaultOutcome> RunAsync(QueueFault fault, string work, CancellationToken cancellationToken);
}
