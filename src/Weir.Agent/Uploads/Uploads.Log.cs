namespace Weir.Agent.Uploads;

/// <summary>The messages of the upload of backlogs. Event ids are stable; retired ones are not used again.</summary>
internal static partial class UploadsLog
{
    [LoggerMessage(4301, LogLevel.Information, "The backlog of {Bytes} bytes goes to {Gateway} in chunks")]
    public static partial void BacklogBegun(this ILogger logger, long bytes, string gateway);

    [LoggerMessage(4302, LogLevel.Information, "{Entries} entries of the backlog went in chunks; {Bytes} bytes of spool are left to the stream")]
    public static partial void BacklogEnded(this ILogger logger, long entries, long bytes);

    [LoggerMessage(4303, LogLevel.Warning, "The backlog cannot go in chunks: {Reason}; the stream carries it for now")]
    public static partial void BacklogFailed(this ILogger logger, string reason);
}
