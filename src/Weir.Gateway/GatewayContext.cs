using Microsoft.Extensions.Logging;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>What the gateways of a process share.</summary>
internal sealed record GatewayContext(
    ILog Log, GatewayRegistry Gateways, AgentDirectives Directives, GatewayOptions Options, GatewayMetrics Metrics, TimeProvider Time, ILogger Logger);
