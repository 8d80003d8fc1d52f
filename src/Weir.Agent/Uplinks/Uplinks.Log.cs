namespace Weir.Agent.Uplinks;

/// <summary>The messages of the uplink. Event ids are stable; retired ones (4206) are not used again.</summary>
internal static partial class UplinksLog
{
    [LoggerMessage(4201, LogLevel.Information, "Connected to {Gateway} ({GatewayId})")]
    public static partial void Connected(this ILogger logger, string gateway, string gatewayId);

    [LoggerMessage(4202, LogLevel.Warning, "No connection to {Gateway}: {Reason} (time {Failures} in a row); collection goes on into the spool")]
    public static partial void Disconnected(this ILogger logger, string gateway, string reason, long failures);

    [LoggerMessage(4203, LogLevel.Debug, "The gateway asks to send {Count} entries again ({Scope}) after {AfterMs} ms")]
    public static partial void Retried(this ILogger logger, string scope, int count, uint afterMs);

    [LoggerMessage(4204, LogLevel.Warning, "The gateway rejected {Count} entries ({Reason}), the first of epoch {Epoch:x16}, seq {Seq}")]
    public static partial void Rejected(this ILogger logger, int count, string reason, ulong epoch, ulong seq);

    [LoggerMessage(4205, LogLevel.Information, "Directive {Action} of {Issuer}: {Status}, {Detail}")]
    public static partial void DirectiveObeyed(this ILogger logger, string action, string issuer, string status, string detail);

    [LoggerMessage(4207, LogLevel.Debug, "Live lease of {Issuer}: {Status}, {Detail}")]
    public static partial void LeaseAnswered(this ILogger logger, string issuer, string status, string detail);

    [LoggerMessage(4208, LogLevel.Debug, "Connecting to {Gateway}")]
    public static partial void Connecting(this ILogger logger, string gateway);

    [LoggerMessage(4209, LogLevel.Debug, "Still no connection to {Gateway}: {Reason} (time {Failures} in a row)")]
    public static partial void StillDisconnected(this ILogger logger, string gateway, string reason, long failures);
}
