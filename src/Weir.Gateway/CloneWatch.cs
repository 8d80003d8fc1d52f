using Microsoft.Extensions.Logging;
using Google.Protobuf;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>Finds out whether two machines have one agent id: an older stream of it is heard again and again beside a younger one, and both append to epochs of their own.</summary>
/// <remarks>
/// One process of an agent has one current epoch, and after a restart its old stream is silent. Two gateways that hear one agent hear one epoch. The machine that connected last is told to take a new id,
/// once for each connection. Driven by the younger stream's reading loop.
/// </remarks>
internal sealed class CloneWatch(GatewayContext context, GatewayInstance gateway, AgentId agent, AgentStream older)
{
    /// <summary>How often the older stream must be heard while the younger is: an agent that restarts is not.</summary>
    public const int Proofs = 3;

    private readonly long _since = context.Time.GetTimestamp();
    private long _olderHeardAt;
    private int _proofs;

    /// <summary>The younger stream has been heard.</summary>
    public void Heard(AgentStream younger)
    {
        long heard = older.HeardAt;
        if (_proofs == Proofs || heard <= _since || heard == _olderHeardAt || older.Epoch == 0 || younger.Epoch == 0 || older.Epoch == younger.Epoch) return;
        _olderHeardAt = heard;
        if (++_proofs < Proofs) return;
        context.Metrics.CloneFound();
        context.Logger.CloneFound(gateway.Id, agent.ToString(), older.Peer, older.Epoch, younger.Peer, younger.Epoch);
        var id = new byte[AgentId.Size];
        agent.Write(id);
        younger.TrySend(
            new Directive
            {
                Id = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
                Issuer = "gateway",
                ExpiresMs = context.Time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds(),
                NewIdentity = new NewIdentity { AgentId = UnsafeByteOperations.UnsafeWrap(id) },
            },
            answered: null);
    }
}
