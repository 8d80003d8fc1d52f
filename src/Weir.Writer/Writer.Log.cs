using Microsoft.Extensions.Logging;
using Weir.Log;

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

    [LoggerMessage(3006, LogLevel.Error, "Partition {Partition}: {Entries} entries in the log are damaged, among them {Seq} of epoch {Epoch:x16} of agent {Agent}; their agents are asked for them")]
    public static partial void DamageFound(this ILogger logger, int partition, int entries, string agent, ulong epoch, ulong seq);

    [LoggerMessage(3007, LogLevel.Warning, "Partition {Partition}: asked agent {Agent} to send {Entries} entries of epoch {Epoch:x16} again, between {First} and {Last} ({Sent} of at most {MaxSent} times without effect)")]
    public static partial void AskedAgain(this ILogger logger, int partition, ulong entries, string agent, ulong epoch, ulong first, ulong last, int sent, int maxSent);

    [LoggerMessage(3008, LogLevel.Information, "Partition {Partition}: epoch {Epoch:x16} of agent {Agent} is whole again; the last {Entries} missing entries came or are lost")]
    public static partial void Healed(this ILogger logger, int partition, string agent, ulong epoch, ulong entries);

    [LoggerMessage(3009, LogLevel.Error, "Partition {Partition}: {Entries} entries of epoch {Epoch:x16} of agent {Agent} are lost for good, between {First} and {Last}: {Reason}")]
    public static partial void LostForGood(this ILogger logger, int partition, ulong entries, string agent, ulong epoch, ulong first, ulong last, string reason);

    [LoggerMessage(3010, LogLevel.Error, "Partition {Partition}: {Bytes} bytes of log cannot be read and were stepped over; what stood there is known by its gaps and asked for again")]
    public static partial void BytesSkipped(this ILogger logger, int partition, long bytes);

    [LoggerMessage(3011, LogLevel.Error, "Partition {Partition}: more than {Rows} runs of damaged or lost entries; those beyond stay as they are until others are healed")]
    public static partial void DamageBookFull(this ILogger logger, int partition, int rows);

    [LoggerMessage(3012, LogLevel.Error, "Partition {Partition}: positions {From} to {To} of the {LogClass} log are lost; what they held and is not sealed is known by its gaps and asked for again")]
    public static partial void LogLost(this ILogger logger, int partition, LogClass logClass, long from, long to);

    [LoggerMessage(3013, LogLevel.Error, "Partition {Partition}: damage could not be looked after, or the store's progress not be moved; it is tried again in {Seconds} s")]
    public static partial void UpkeepFailed(this ILogger logger, Exception exception, int partition, double seconds);
}
