using Microsoft.Extensions.Logging;

namespace Weir.Server.Hosting;

/// <summary>The messages of the server. Event ids are stable; retired ones are not used again.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1001, LogLevel.Information, "The local agent stopped by an error; it is started again in {Seconds} s")]
    public static partial void LocalAgentFailed(this ILogger logger, Exception exception, int seconds);
}
