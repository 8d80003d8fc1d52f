using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Console;

/// <summary>Asks the agents of watched hosts for each tick at once: holds their live leases while pages are open.</summary>
/// <remarks>
/// Thread-safe. A page says that it is open every 20 s; however many there are, an agent gets one directive per <see cref="DirectiveInterval"/>, each
/// good for <see cref="Lease"/>. Nothing ends a lease but time: a page that is closed, or a server that stops, need not say so.
/// </remarks>
internal sealed class HostWatch(IAgentDirectives directives, TimeProvider time)
{
    /// <summary>For how long a directive holds: three calls of a page, so that one may get lost.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    /// <summary>Least distance of two directives to one agent.</summary>
    public static readonly TimeSpan DirectiveInterval = TimeSpan.FromSeconds(10);

    // Judged by the agent's clock, which may differ: a lease that comes late costs a minute of short frames.
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(10);

    // Entries are useless after the interval; beyond this many they are cleared out.
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Tenant, AgentId Agent), long> _directedAt = new();

    /// <summary>Somebody looks at a host now.</summary>
    /// <returns>Whether its agent is connected here, and so sends each tick at once.</returns>
    public bool TryHold(string tenant, AgentId agent)
    {
        long now = time.GetTimestamp();
        if (_directedAt.TryGetValue((tenant, agent), out long before) && time.GetElapsedTime(before, now) < DirectiveInterval) return true;
        var directive = new Directive
        {
            Id = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16)),
            Issuer = "console",
            ExpiresMs = (time.GetUtcNow() + Expiry).ToUnixTimeMilliseconds(),
            LiveLease = new LiveLease { Seconds = (uint)Lease.TotalSeconds },
        };
        // Only what was handed over counts: an agent that comes back gets its lease with the next call.
        if (directives.TrySend(tenant, agent, directive) != DirectiveReach.Agent) return false;
        if (_directedAt.Count >= MaxRemembered) ForgetOld(now);
        _directedAt[(tenant, agent)] = now;
        return true;
    }

    private void ForgetOld(long now)
    {
        foreach (((string, AgentId) key, long at) in _directedAt)
            if (time.GetElapsedTime(at, now) >= DirectiveInterval) _directedAt.TryRemove(key, out _);
    }
}
