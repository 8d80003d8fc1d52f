namespace Weir.Agent.Spooling;

/// <summary>The messages of the spool. Event ids are stable; retired ones are not used again.</summary>
internal static partial class SpoolingLog
{
    [LoggerMessage(4101, LogLevel.Information, "Agent {Agent}: epoch {Epoch:x16} begins, start {StartNumber}")]
    public static partial void EpochStarted(this ILogger logger, string agent, ulong epoch, uint startNumber);

    [LoggerMessage(4102, LogLevel.Error, "{Count} entries were given up ({Reason}): epoch {Epoch:x16}, seq {First} to {Last}; a tombstone declares them")]
    public static partial void EntriesGivenUp(this ILogger logger, ulong count, string reason, ulong epoch, ulong first, ulong last);

    [LoggerMessage(4103, LogLevel.Warning, "The wall clock is {BehindMs} ms behind the last tick in the spool: a new clock generation begins")]
    public static partial void ClockWentBack(this ILogger logger, long behindMs);

    [LoggerMessage(4104, LogLevel.Warning, "Which entries are settled could not be written down; they may be sent once more after a restart")]
    public static partial void AcksNotSaved(this ILogger logger, Exception exception);

    [LoggerMessage(4105, LogLevel.Warning, "A summary of a segment could not be written or deleted; the next start reads the segment itself")]
    public static partial void SummaryNotWritten(this ILogger logger, Exception exception);

    [LoggerMessage(4106, LogLevel.Warning, "Epoch {Epoch:x16}, seq {Seq} could not be copied to the quarantine; it is given up all the same")]
    public static partial void EntryNotQuarantined(this ILogger logger, ulong epoch, ulong seq, Exception exception);

    [LoggerMessage(4107, LogLevel.Warning, "The disk is full: {Bytes} bytes of settled entries were unlinked to go on")]
    public static partial void SettledUnlinked(this ILogger logger, long bytes);

    [LoggerMessage(4108, LogLevel.Warning, "{Reason}; what the disk does not give for a quarter of a minute is declared damaged (time {Times})")]
    public static partial void NotGiven(this ILogger logger, string reason, long times);

    [LoggerMessage(4130, LogLevel.Warning, "Agent {Former} is agent {Agent} from now on: {Reason}. What its spool holds of before keeps the old id")]
    public static partial void Renamed(this ILogger logger, string former, string agent, string reason);

    [LoggerMessage(4131, LogLevel.Error, "This is another machine than before, and agent {Agent} has had {Ids} ids of which the spool still holds entries: it keeps the one it has. Its samples may meet those of another machine")]
    public static partial void TooManyIds(this ILogger logger, string agent, int ids);
}
