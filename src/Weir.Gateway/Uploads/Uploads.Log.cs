using Microsoft.Extensions.Logging;

namespace Weir.Gateway;

/// <summary>The messages of uploads. Event ids are stable; retired ones are not used again.</summary>
internal static partial class UploadsLog
{
    [LoggerMessage(2201, LogLevel.Information, "Upload {Id} of agent {Agent} begins: {Bytes} bytes, {Kind}")]
    public static partial void UploadBegun(this ILogger logger, string id, string agent, long bytes, string kind);

    [LoggerMessage(2202, LogLevel.Information, "Upload {Id} is whole: {Path}, {Bytes} bytes")]
    public static partial void UploadCommitted(this ILogger logger, string id, string path, long bytes);

    [LoggerMessage(2203, LogLevel.Information, "{Path} is given up: {Reason}")]
    public static partial void UploadDropped(this ILogger logger, string path, string reason);

    [LoggerMessage(2204, LogLevel.Warning, "{Path} cannot be read: {Problem}; the upload is dropped and begins anew when its agent comes again")]
    public static partial void UploadCorrupt(this ILogger logger, string path, string problem);

    [LoggerMessage(2205, LogLevel.Warning, "{Path} was written by a newer version and is left alone")]
    public static partial void UploadNewer(this ILogger logger, string path);

    [LoggerMessage(2206, LogLevel.Warning, "{Path}: {Chunks} chunks were damaged on disk and are asked for again")]
    public static partial void ChunksDamaged(this ILogger logger, string path, int chunks);

    [LoggerMessage(2207, LogLevel.Error, "{Path} cannot be written; the agent comes again")]
    public static partial void StoreFailed(this ILogger logger, Exception exception, string path);

    [LoggerMessage(2208, LogLevel.Debug, "Gateway {Gateway}: a request of agent {Agent} about an upload is refused: {Error}, {Reason}")]
    public static partial void UploadRefused(this ILogger logger, string gateway, string agent, string error, string reason);
}
