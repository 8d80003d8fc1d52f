namespace Weir.Log;

/// <summary>Why a log cannot do what was asked.</summary>
public enum LogError
{
    /// <summary>Another process has it open.</summary>
    InUse,

    /// <summary>A newer program wrote it.</summary>
    NewerFormat,

    /// <summary>The directory holds something else.</summary>
    NotALog,

    /// <summary>No room on the disk; appends work again when there is.</summary>
    DiskFull,

    /// <summary>A write or flush failed: the entry is not in the log. That file is not written again; a second later at the earliest an append begins a new segment.</summary>
    WriteFailed,

    /// <summary>The disk does not give what stands at the position now: to be read again later. What it has not given several times, at intervals, counts as damaged.</summary>
    ReadFailed,

    /// <summary>The position is not held: truncated, or never given out.</summary>
    PositionOutOfRange,

    /// <summary>The entry is larger than the log takes.</summary>
    TooLarge,

    /// <summary>More is waiting to become durable than the log holds in memory; try again soon.</summary>
    Overloaded,

    /// <summary>The log has been closed, or was opened for reading only.</summary>
    Closed,
}

/// <summary>A log cannot do what was asked. The message says what to do.</summary>
public sealed class LogException : IOException
{
    /// <summary>Makes the error.</summary>
    public LogException(LogError error, string path, string message, long position = -1, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
        Path = path;
        Position = position;
    }

    /// <summary>What went wrong.</summary>
    public LogError Error { get; }

    /// <summary>File or directory concerned.</summary>
    public string Path { get; }

    /// <summary>Position concerned; -1 where there is none.</summary>
    public long Position { get; }
}
