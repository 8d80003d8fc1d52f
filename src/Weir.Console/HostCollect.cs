using System.Security.Cryptography;
using Google.Protobuf;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Console;

/// <summary>Has an agent read a collector at a shorter interval for a while, and waits for what it says.</summary>
/// <remarks>Thread-safe. Limits are the agent's: it refuses what it does not take, with the reason.</remarks>
internal sealed class HostCollect(IAgentDirectives directives, TimeProvider time)
{
    /// <summary>How long an agent may take to answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Judged by the agent's clock, which may differ.
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(10);

    /// <summary>Orders.</summary>
    /// <returns>What the agent says; null where it is not connected here, or has not answered in time.</returns>
    public async Task<DirectiveResult?> TryOrderAsync(string tenant, AgentId agent, Collect order, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<DirectiveResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var directive = new Directive
        {
            Id = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(16)),
            Issuer = "operator",
            ExpiresMs = (time.GetUtcNow() + Expiry).ToUnixTimeMilliseconds(),
            Collect = order,
        };
        if (directives.TrySend(tenant, agent, directive, answered.SetResult) != DirectiveReach.Agent) return null;
        try
        {
            return await answered.Task.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
