using Microsoft.Extensions.Logging;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>The messages of the frame store. Event ids are stable; retired ones are not used again.</summary>
internal static partial class FrameStoreLog
{
    [LoggerMessage(4001, LogLevel.Information, "Partition {Partition}: sealed {Samples} samples of {Frames} frames into {Parts} parts, {Bytes} bytes")]
    public static partial void Sealed(this ILogger logger, int partition, long samples, long frames, int parts, long bytes);

    [LoggerMessage(4002, LogLevel.Information, "Partition {Partition}: merged {Parts} parts of hour {Hour:u} into {Bytes} bytes")]
    public static partial void Merged(this ILogger logger, int partition, int parts, DateTimeOffset hour, long bytes);

    [LoggerMessage(4003, LogLevel.Information, "Partition {Partition}: gave up part {Part} of hour {Hour:u}: {Reason}")]
    public static partial void PartExpired(this ILogger logger, int partition, long part, DateTimeOffset hour, string reason);

    [LoggerMessage(4004, LogLevel.Error, "Partition {Partition}: part {Path} cannot be used: {Damage}. Its samples are not answered; restore the file from a copy, or see 'weir store'")]
    public static partial void PartDamaged(this ILogger logger, int partition, string path, PartDamage damage);

    [LoggerMessage(4005, LogLevel.Error, "Partition {Partition}: a frame of agent {Agent} at {Position} cannot be decoded ({Reason}); its bytes are kept in part {Part}")]
    public static partial void FrameUnreadable(this ILogger logger, int partition, string agent, long position, string reason, long part);

    [LoggerMessage(4006, LogLevel.Error, "Partition {Partition}: {Work} failed and is tried again in {Seconds} s; nothing is lost meanwhile (failure {Failures} in a row)")]
    public static partial void UpkeepFailed(this ILogger logger, Exception exception, int partition, string work, double seconds, int failures);

    [LoggerMessage(4007, LogLevel.Error, "Partition {Partition}: {Path} has a damaged {Damage} of agent {Agent}; its samples are not answered")]
    public static partial void BlockDamaged(this ILogger logger, int partition, string path, PartDamage damage, string agent);

    [LoggerMessage(4008, LogLevel.Information, "Partition {Partition}: deleted {Files} files that no manifest names")]
    public static partial void UnnamedDeleted(this ILogger logger, int partition, int files);

    [LoggerMessage(4009, LogLevel.Warning, "Partition {Partition}: files that are not needed any more could not be unlinked; the next truncation or start tries again")]
    public static partial void UnlinkFailed(this ILogger logger, Exception exception, int partition);
}
