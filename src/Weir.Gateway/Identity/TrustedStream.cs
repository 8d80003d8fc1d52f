namespace Weir.Gateway.Identity;

/// <summary>One stream of <see cref="TrustedStreams"/>.</summary>
internal sealed class TrustedStream(TrustedStreams streams, AgentPeer peer, CancellationTokenSource stop) : IDisposable
{
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>Whose it is.</summary>
    public AgentPeer Peer => peer;

    /// <summary>Asks the agent to finish and to connect again; null until it is welcomed.</summary>
    public Action<TimeSpan>? Drain { get; set; }

    /// <summary>Why it was ended.</summary>
    public StreamTrust Trust { get; private set; }

    /// <summary>Ends it.</summary>
    public void End(StreamTrust why)
    {
        lock (_gate)
        {
            if (_disposed) return;
            Trust = why;
            stop.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        streams.Remove(this);
    }
}
