using Microsoft.Extensions.Logging;

namespace Weir.Writer;

/// <summary>The messages of the writer. Event ids are stable; retired ones are not used again.</summary>
internal static partial class WriterLog
{
    [LoggerMessage(3001, LogLevel.Information, "Partition {Partition}: state rebuilt from {Records} records")]
    public static partial void CaughtUp(this ILogger logger, int partition, long records);

    [LoggerMessage(3002, LogLevel.Warning, "Partition {Partition}: an entry of agent {Agent} went to quarantine: {Reason}")]
    public static partial void Quarantined(this ILogger logger, int partition, string agent, string reason);

    [LoggerMessage(3003, LogLevel.Error, "Partition {Partition}: a record at {Position} could not be read and was skipped; run a newer version, or see docs/operations.md")]
    public static partial void RecordSkipped(this ILogger logger, int partition, long position);

    [LoggerMessage(3004, LogLevel.Information, "Partition {Partition}: a restart reads from live {Live}, backfill {Backfill} on: what stands before is sealed or has expired")]
    public static partial void Advanced(this ILogger logger, int partition, long live, long backfill);

    [LoggerMessage(3005, LogLevel.Error, "Partition {Partition}: the writer stopped; it is started again in {Seconds} s")]
    public static partial void Failed(this ILogger logger, Exception exception, int partition, int seconds);
}
