using Microsoft.Extensions.Logging;

namespace Weir.Gateway;

/// <summary>The messages of the gateway. Event ids are stable; retired ones are not used again.</summary>
internal static partial class GatewayLog
{
    [LoggerMessage(2001, LogLevel.Information, "Gateway {Gateway}: agent {Agent} connected from {Peer} (version {Version})")]
    public static partial void AgentConnected(this ILogger logger, string gateway, string agent, string peer, string version);

    [LoggerMessage(2002, LogLevel.Information, "Gateway {Gateway}: agent {Agent} disconnected")]
    public static partial void AgentDisconnected(this ILogger logger, string gateway, string agent);

    [LoggerMessage(2003, LogLevel.Warning, "Gateway {Gateway}: a stream from {Peer} was refused: {Reason} ({Hidden} more since the last of these lines)")]
    public static partial void StreamRefused(this ILogger logger, string gateway, string peer, string reason, long hidden);

    [LoggerMessage(2004, LogLevel.Error, "Gateway {Gateway}: the log does not take entries of agent {Agent}; it is told to retry ({Hidden} more since the last of these lines)")]
    public static partial void AppendFailed(this ILogger logger, Exception exception, string gateway, string agent, long hidden);

    [LoggerMessage(2005, LogLevel.Warning, "Gateway {Gateway}: agent {Agent} answered directive {Directive}: {Status} {Detail}")]
    public static partial void DirectiveAnswered(this ILogger logger, string gateway, string agent, string directive, string status, string detail);

    [LoggerMessage(2006, LogLevel.Debug, "Gateway {Gateway}: agent {Agent} carried directive {Directive} out: {Detail}")]
    public static partial void DirectiveDone(this ILogger logger, string gateway, string agent, string directive, string detail);

    [LoggerMessage(2020, LogLevel.Warning, "Gateway {Gateway}: two machines have the id of agent {Agent}: {Older} (epoch {OlderEpoch:x16}) and {Younger} (epoch {YoungerEpoch:x16}), which is told to take a new one. Nothing is lost; data directories were copied: see docs/operations.md")]
    public static partial void CloneFound(this ILogger logger, string gateway, string agent, string older, ulong olderEpoch, string younger, ulong youngerEpoch);
}
