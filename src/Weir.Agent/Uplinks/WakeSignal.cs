using System.Threading.Channels;

namespace Weir.Agent.Uplinks;

/// <summary>Wakes one waiter; signals that nobody has waited for yet count as one.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class WakeSignal
{
    private readonly Channel<bool> _pending = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Wakes the waiter, now or as soon as it waits.</summary>
    public void Set() => _pending.Writer.TryWrite(true);

    /// <summary>Completes at the next signal, with true. To be awaited once.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _pending.Reader.ReadAsync(cancellationToken);
}
