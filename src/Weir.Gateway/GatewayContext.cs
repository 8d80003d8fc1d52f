using Microsoft.Extensions.Logging;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>What the gateways of a process share; without an identity nobody comes over TLS.</summary>
internal sealed record GatewayContext(
    ILog Log, GatewayRegistry Gateways, AgentDirectives Directives, GatewayOptions Options, GatewayMetrics Metrics, TimeProvider Time, ILogger Logger, GatewayIdentity? Identity)
{
    /// <summary>Of refused streams.</summary>
    public LogThrottle Refusals { get; } = new(Time);

    /// <summary>Of appends that the log does not take.</summary>
    public LogThrottle FailedAppends { get; } = new(Time);
}
