using Microsoft.Extensions.Logging;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>What the gateways of a process share; without an identity nobody comes over TLS.</summary>
internal sealed record GatewayContext(
    ILog Log, GatewayRegistry Gateways, AgentDirectives Directives, GatewayOptions Options, GatewayMetrics Metrics, TimeProvider Time, ILogger Logger, GatewayIdentity? Identity);
