namespace Weir.Agent.Uplinks;

/// <summary>The messages of the uplink. Event ids are stable; retired ones are not used again.</summary>
internal static partial class UplinksLog
{
    [LoggerMessage(4201, LogLevel.Information, "Connected to {Gateway} ({GatewayId})")]
    public static partial void Connected(this ILogger logger, string gateway, string gatewayId);

    [LoggerMessage(4202, LogLevel.Warning, "No connection to {Gateway}: {Reason}; collection goes on into the spool")]
    public static partial void Disconnected(this ILogger logger, string gateway, string reason);

    [LoggerMessage(4203, LogLevel.Debug, "The gateway asks to send again ({Scope}) after {AfterMs} ms")]
    public static partial void Retried(this ILogger logger, string scope, uint afterMs);

    [LoggerMessage(4204, LogLevel.Warning, "The gateway rejected {Count} entries: {Reason}")]
    public static partial void Rejected(this ILogger logger, int count, string reason);

    [LoggerMessage(4205, LogLevel.Information, "Directive {Action} of {Issuer}: {Status}")]
    public static partial void DirectiveObeyed(this ILogger logger, string action, string issuer, string status);

    [LoggerMessage(4206, LogLevel.Warning, "Which entries are settled could not be written down; they may be sent once more after a restart")]
    public static partial void AcksNotSaved(this ILogger logger, Exception exception);
}
