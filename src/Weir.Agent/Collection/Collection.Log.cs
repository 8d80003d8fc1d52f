namespace Weir.Agent.Collection;

/// <summary>What collection says. Event ids 1000 to 1099; retired ids are never used again.</summary>
internal static partial class CollectionLog
{
    [LoggerMessage(1000, LogLevel.Information, "Collecting {Collectors} every {Interval} by default into {DataDirectory}")]
    public static partial void Started(ILogger logger, string collectors, string interval, string dataDirectory);

    [LoggerMessage(1001, LogLevel.Information, "Collection stopped; everything gathered is in the spool")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(1002, LogLevel.Information, "Group {Group} has {Series} series")]
    public static partial void SchemaChanged(ILogger logger, string group, int series);

    [LoggerMessage(1003, LogLevel.Warning, "Group {Group} missed {Ticks} ticks: the agent did not get to run in time")]
    public static partial void TicksMissed(ILogger logger, string group, int ticks);

    [LoggerMessage(1004, LogLevel.Warning, "The wall clock was stepped by {Seconds:F3} s: frames are cut and the clock generation grows")]
    public static partial void ClockStepped(ILogger logger, double seconds);

    [LoggerMessage(1005, LogLevel.Information, "Clock generation is now {Generation}")]
    public static partial void ClockGeneration(ILogger logger, uint generation);

    [LoggerMessage(1006, LogLevel.Warning, "Collector {Collector} of lane {Lane} hangs beyond {Seconds} s and is marked stuck; its thread is abandoned")]
    public static partial void CollectorStuck(ILogger logger, string collector, string lane, double seconds);

    [LoggerMessage(1007, LogLevel.Information, "Collector {Collector} of lane {Lane} returned and is used again")]
    public static partial void CollectorRecovered(ILogger logger, string collector, string lane);

    [LoggerMessage(1008, LogLevel.Warning, "Collector {Collector} fails ({Reason}): {Problem}")]
    public static partial void CollectorFails(ILogger logger, string collector, FailureReason reason, string problem, Exception? error);

    [LoggerMessage(1009, LogLevel.Information, "Collector {Collector} works again after {Ticks} failed ticks")]
    public static partial void CollectorWorks(ILogger logger, string collector, long ticks);

    [LoggerMessage(1010, LogLevel.Error, "The spool refused a frame of group {Group}: {Samples} samples are dropped (refusal {Refusals} since the start)")]
    public static partial void FrameRefused(ILogger logger, string group, int samples, long refusals, Exception error);

    [LoggerMessage(1011, LogLevel.Error, "The spool refused a declaration; {Windows} windows wait for it")]
    public static partial void WindowRefused(ILogger logger, int windows, Exception error);

    [LoggerMessage(1012, LogLevel.Error, "The declaration of window {WindowMs} is given up")]
    public static partial void WindowForgotten(ILogger logger, long windowMs);

    [LoggerMessage(1013, LogLevel.Critical, "The collection engine failed")]
    public static partial void EngineFailed(ILogger logger, Exception error);

    [LoggerMessage(1015, LogLevel.Warning, "Collector {Collector}: source {Source} fails ({Error}); {Next} takes its place, and it is tried again later")]
    public static partial void SourceFailed(ILogger logger, string collector, string source, string error, string next);

    [LoggerMessage(1016, LogLevel.Information, "Collector {Collector}: source {Source} works again")]
    public static partial void SourceWorks(ILogger logger, string collector, string source);

    [LoggerMessage(1017, LogLevel.Warning, "{Address} cannot be listened on ({Error}): /metrics and /status are not served")]
    public static partial void NotListening(ILogger logger, string address, string error);

    [LoggerMessage(1018, LogLevel.Information, "/metrics and /status are served at http://{Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(1019, LogLevel.Information, "Collector {Collector} is read every {Interval} for {Duration} on request")]
    public static partial void Ordered(ILogger logger, string collector, string interval, string duration);

    [LoggerMessage(1020, LogLevel.Information, "Group {Group} has ended: it was read on request")]
    public static partial void OrderEnded(ILogger logger, string group);

    [LoggerMessage(1021, LogLevel.Information, "The configuration has changed and is taken: {Path}")]
    public static partial void ConfigTaken(ILogger logger, string path);

    [LoggerMessage(1022, LogLevel.Warning, "A changed configuration is not taken, the one before it stays: {Problem}")]
    public static partial void ConfigRefused(ILogger logger, string problem);

    [LoggerMessage(1023, LogLevel.Warning, "These keys have changed and take effect at the next start: {Keys}")]
    public static partial void NeedsStart(ILogger logger, string keys);

    [LoggerMessage(1024, LogLevel.Error, "Lane {Lane} gets no further thread: {Error}")]
    public static partial void NoThread(ILogger logger, string lane, string error);

    [LoggerMessage(1025, LogLevel.Warning, "Group {Group}, read on request, has ended before its time: the agent stops or takes another configuration")]
    public static partial void OrderCut(ILogger logger, string group);

    [LoggerMessage(1026, LogLevel.Warning, "Group {Group}, read on request, has ended before its time: its ticks closed without values, one after the other, for what it reads takes longer than half an interval or fails")]
    public static partial void OrderInVain(ILogger logger, string group);

    [LoggerMessage(1027, LogLevel.Warning, "The page {Path} failed; later ones that fail are answered without a word here")]
    public static partial void PageFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(1028, LogLevel.Information, "The configuration has changed and means the same, nothing changes: {Path}")]
    public static partial void ConfigSame(ILogger logger, string path);

    [LoggerMessage(1029, LogLevel.Warning, "The configuration is gone, the one before it stays: {Path}")]
    public static partial void ConfigGone(ILogger logger, string path);

    [LoggerMessage(1030, LogLevel.Error, "Collector {Collector} is not taken: with it group {Group} would have {Excess}; its samples are declared as failed")]
    public static partial void CollectorRefused(ILogger logger, string collector, string group, string excess);

    [LoggerMessage(1031, LogLevel.Error, "Group {Group} has no new baseline: its frames are larger until there is one (failure {Failures} since the start)")]
    public static partial void BaselineFailed(ILogger logger, string group, long failures, Exception error);

    [LoggerMessage(1014, LogLevel.Error, "{Samples} samples are dropped: the spool has not taken a frame for too long (occasion {Occasions} since the start)")]
    public static partial void SamplesOverflowed(ILogger logger, int samples, long occasions);
}
