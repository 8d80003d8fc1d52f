using Microsoft.Extensions.Logging;

namespace Weir.Gateway.Identity;

/// <summary>The messages of identity. Event ids are stable; retired ones are not used again.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(2101, LogLevel.Information, "Agent {Agent} of tenant {Tenant} joined with token {Token}")]
    public static partial void Joined(this ILogger logger, string agent, string tenant, string token);

    [LoggerMessage(2102, LogLevel.Warning, "Joining of agent {Agent} from {Peer} with token {Token} was refused: {Reason} ({Hidden} more since the last of these lines)")]
    public static partial void JoinRefused(this ILogger logger, string agent, string peer, string token, string reason, long hidden);

    [LoggerMessage(2103, LogLevel.Debug, "The certificate of agent {Agent} was renewed")]
    public static partial void Renewed(this ILogger logger, string agent);

    [LoggerMessage(2104, LogLevel.Warning, "Renewal for agent {Agent} from {Peer} was refused: {Reason} ({Hidden} more since the last of these lines)")]
    public static partial void RenewalRefused(this ILogger logger, string agent, string peer, string reason, long hidden);

    [LoggerMessage(2105, LogLevel.Information, "Authority {Number} issues certificates from now on; gateways show certificates of authority {Presenting}")]
    public static partial void AuthorityChanged(this ILogger logger, int number, int presenting);

    [LoggerMessage(2106, LogLevel.Error, "The identity directory cannot be read or written; what was read before holds (time {Failures} in a row)")]
    public static partial void WatchFailed(this ILogger logger, Exception exception, long failures);

    [LoggerMessage(2107, LogLevel.Error, "A use or an agent could not be written down; the agent is told to come again")]
    public static partial void NotWritten(this ILogger logger, Exception exception);

    [LoggerMessage(2108, LogLevel.Information, "{Count} join tokens that ended before {Before:u} were deleted")]
    public static partial void TokensDeleted(this ILogger logger, int count, DateTimeOffset before);

    [LoggerMessage(2109, LogLevel.Warning, "A stream of agent {Agent} was refused or ended: {Reason} ({Hidden} more since the last of these lines)")]
    public static partial void StreamUntrusted(this ILogger logger, string agent, string reason, long hidden);

    [LoggerMessage(2110, LogLevel.Information, "Agent {Agent} of tenant {Tenant} is a copy of agent {From}: it has a key and a certificate of its own")]
    public static partial void Split(this ILogger logger, string agent, string tenant, string from);

    [LoggerMessage(2111, LogLevel.Warning, "A certificate of its own for a copy of agent {From} from {Peer} was refused: {Reason} ({Hidden} more since the last of these lines)")]
    public static partial void SplitRefused(this ILogger logger, string from, string peer, string reason, long hidden);

    [LoggerMessage(2112, LogLevel.Error, "The file of agent {Agent} cannot be read; it does not count among the copies of its original")]
    public static partial void NotCounted(this ILogger logger, Exception exception, string agent);
}
