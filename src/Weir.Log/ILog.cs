namespace Weir.Log;

/// <summary>The durable partitioned log behind the gateways: embedded here, Kafka elsewhere.</summary>
/// <remarks>Safe for concurrent use. Both classes have the same partitions; an agent's records all go to one.</remarks>
public interface ILog
{
    /// <summary>Partitions per class; fixed when the log is created.</summary>
    int PartitionCount { get; }

    /// <summary>Appends a record; completes when it is durable, and only then.</summary>
    /// <param name="logClass">Class of the record.</param>
    /// <param name="partition">Partition of its agent: <see cref="AgentId.Partition"/>.</param>
    /// <param name="record">A builder with at least one entry; copied before the call returns.</param>
    /// <exception cref="LogException">The log does not take writes: disk full, failed, closed.</exception>
    Task AppendAsync(LogClass logClass, int partition, RecordBuilder record);

    /// <summary>Reads records from a position on.</summary>
    /// <param name="logClass">Class to read.</param>
    /// <param name="partition">Partition to read.</param>
    /// <param name="from">A position that this log has given out.</param>
    /// <exception cref="LogException">The position is no longer held.</exception>
    ILogReader OpenReader(LogClass logClass, int partition, long from);

    /// <summary>Takes it that positions which others remember were lost with an end of the log. Before the first append; nothing where a log loses none.</summary>
    /// <param name="logClass">Class.</param>
    /// <param name="partition">Partition.</param>
    /// <param name="from">Where reading goes on: afterwards <see cref="OpenReader"/> takes it, whether it is held or not.</param>
    /// <param name="floor">Behind all positions that are remembered: none before it is given out again.</param>
    /// <returns>The positions lost.</returns>
    IReadOnlyList<(long From, long To)> StepOver(LogClass logClass, int partition, long from, long floor) => [];
}

/// <summary>Reads one partition of one class in order. Not thread-safe.</summary>
public interface ILogReader : IDisposable
{
    /// <summary>Where the next read starts.</summary>
    long Position { get; }

    /// <summary>Bytes stepped over because nothing in them could be read; what stood there is known by the gaps that it left.</summary>
    long SkippedBytes { get; }

    /// <summary>The positions stepped over since the last call.</summary>
    IReadOnlyList<(long From, long To)> TakeSkipped();

    /// <summary>The next durable record's index; false where there is none yet.</summary>
    /// <param name="entry">Valid until the next call; its payload is not read.</param>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give it now. The next call tries again.</exception>
    bool TryRead(out LogEntry entry);

    /// <summary>Reads bytes out of a record that this reader has returned.</summary>
    /// <param name="position">Position of the bytes: the record's and an offset.</param>
    /// <param name="target">Filled whole.</param>
    /// <returns>False where the bytes cannot be read; the caller checks what it got by the entry's own checksum.</returns>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give them now.</exception>
    bool TryReadPayload(long position, Span<byte> target);

    /// <summary>Completes when there is something to read.</summary>
    ValueTask WaitAsync(CancellationToken cancellationToken);
}
