using System.Collections.Concurrent;
using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>Open streams that stand on a certificate: each is drained shortly before that expires, and ends when it does or when its agent is shut out. One look at all of them, no timer for each. Thread-safe.</summary>
internal sealed class TrustedStreams(AgentFiles agents, TimeProvider time)
{
    private static readonly TimeSpan DrainAhead = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan DrainSpread = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TrustedStream, byte> _streams = new();

    /// <summary>Watches a stream until it is disposed.</summary>
    public TrustedStream Add(AgentPeer peer, CancellationTokenSource stop)
    {
        var stream = new TrustedStream(this, peer, stop);
        _streams.TryAdd(stream, 0);
        return stream;
    }

    /// <summary>Whether an agent has one open.</summary>
    public bool Has(AgentId agent) => _streams.Keys.Any(stream => stream.Peer.Agent == agent);

    /// <summary>Ends the streams that are trusted no longer.</summary>
    public void EndUntrusted()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (TrustedStream stream in _streams.Keys)
        {
            if (agents.IsRevoked(stream.Peer.Agent)) stream.End(StreamTrust.Revoked);
            else if (now >= stream.Peer.ExpiresAt) stream.End(StreamTrust.Expired);
            // The agent has its next certificate long since: it finishes and comes back with it.
            else if (now >= stream.Peer.ExpiresAt - DrainAhead) stream.Drain?.Invoke(DrainSpread * Random.Shared.NextDouble());
        }
    }

    /// <summary>Forgets a stream.</summary>
    public void Remove(TrustedStream stream) => _streams.TryRemove(stream, out _);
}
