namespace Weir.Gateway;

/// <summary>One gateway: a listener's identity, its streams' lifetime and its bytes in flight.</summary>
/// <remarks>Several share a log within one process, each with its own listener, and each can be stopped alone.</remarks>
public sealed class GatewayInstance : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly GatewayOptions _options;
    private long _bytesInFlight;
    private int _streams;

    /// <summary>Makes a gateway.</summary>
    /// <param name="id">Name in records, metrics and Welcome.</param>
    /// <param name="options">Options.</param>
    public GatewayInstance(string id, GatewayOptions options)
    {
        Id = id;
        _options = options;
    }

    /// <summary>Name in records, metrics and Welcome.</summary>
    public string Id { get; }

    /// <summary>Cancelled when the gateway stops; its streams end with it.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Entry bytes received and not yet answered.</summary>
    public long BytesInFlight => Interlocked.Read(ref _bytesInFlight);

    /// <summary>Streams open now.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Stops this gateway alone: its streams break off and new ones are refused.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    internal bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _bytesInFlight, bytes) <= _options.MaxBytesInFlight) return true;
        Interlocked.Add(ref _bytesInFlight, -bytes);
        return false;
    }

    internal void GiveBack(int bytes) => Interlocked.Add(ref _bytesInFlight, -bytes);

    internal void StreamOpened() => Interlocked.Increment(ref _streams);

    internal void StreamClosed() => Interlocked.Decrement(ref _streams);
}
