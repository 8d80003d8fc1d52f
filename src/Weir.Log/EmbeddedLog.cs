using System.Globalization;

namespace Weir.Log;

/// <summary>The log of <c>weir up</c>: one <see cref="SegmentLog"/> per class and partition in directories of their own.</summary>
/// <remarks>
/// Layout: <c>ROOT/backfill/0 .. n-1</c> and <c>ROOT/live/0 .. n-1</c>, made in this order and all before the first record is
/// accepted. So where <c>live/0</c> exists, the directories under <c>backfill</c> are complete and their number is the partition
/// count, which never changes; where it does not, no record can be there yet and creation starts over.
/// </remarks>
public sealed class EmbeddedLog : ILog, IAsyncDisposable
{
    /// <summary>Partitions of a new log. Source: a quarter of a core each on a small machine; see DESIGN for the bounds per partition.</summary>
    public const int DefaultPartitions = 4;

    private readonly SegmentLog[][] _logs;

    private EmbeddedLog(SegmentLog[][] logs) => _logs = logs;

    /// <inheritdoc/>
    public int PartitionCount => _logs[0].Length;

    /// <summary>Bytes on disk over all partitions.</summary>
    public long SizeBytes => _logs.Sum(static logs => logs.Sum(static log => log.SizeBytes));

    /// <summary>Opens or creates the log.</summary>
    /// <exception cref="LogException">In use, of a newer format, damaged beyond reading, or not writable.</exception>
    public static async Task<EmbeddedLog> OpenAsync(IFileSystem files, string root, SegmentLogOptions options, int partitions = DefaultPartitions)
    {
        int count = files.DirectoryExists(PartitionDirectory(root, LogClass.Live, 0)) ? CountPartitions(files, root) : partitions;
        var opened = new List<SegmentLog>();
        try
        {
            SegmentLog[][] logs = new SegmentLog[2][];
            foreach (LogClass logClass in (ReadOnlySpan<LogClass>)[LogClass.Backfill, LogClass.Live])
            {
                logs[(int)logClass] = new SegmentLog[count];
                for (int i = 0; i < count; i++)
                {
                    SegmentLog log = SegmentLog.Open(files, PartitionDirectory(root, logClass, i), options);
                    opened.Add(log);
                    logs[(int)logClass][i] = log;
                }
            }

            return new EmbeddedLog(logs);
        }
        catch
        {
            foreach (SegmentLog log in opened) await log.DisposeAsync();
            throw;
        }
    }

    /// <summary>The segment log of one partition, for the store that keeps frames where they are.</summary>
    public SegmentLog Partition(LogClass logClass, int partition) => _logs[(int)logClass][partition];

    /// <inheritdoc/>
    public Task AppendAsync(LogClass logClass, int partition, RecordBuilder record)
    {
        try
        {
            return Partition(logClass, partition).Append(record.Index.Span, record.Record.Span, isClosing: false, out _);
        }
        catch (LogException refused)
        {
            return Task.FromException(refused);
        }
    }

    /// <inheritdoc/>
    public ILogReader OpenReader(LogClass logClass, int partition, long from)
    {
        SegmentLog log = Partition(logClass, partition);
        return new Reader(log, log.OpenReader(from, LogReadMode.IndexOnly));
    }

    /// <inheritdoc/>
    public IReadOnlyList<(long From, long To)> StepOver(LogClass logClass, int partition, long from, long floor) => Partition(logClass, partition).StepOver(from, floor);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (SegmentLog[] logs in _logs)
            foreach (SegmentLog log in logs) await log.DisposeAsync();
    }

    private static string PartitionDirectory(string root, LogClass logClass, int partition) =>
        Path.Combine(root, logClass == LogClass.Live ? "live" : "backfill", partition.ToString(CultureInfo.InvariantCulture));

    private static int CountPartitions(IFileSystem files, string root)
    {
        int count = 0;
        while (files.DirectoryExists(PartitionDirectory(root, LogClass.Backfill, count))) count++;
        return count;
    }

    private sealed class Reader(SegmentLog log, LogReader reader) : ILogReader
    {
        public long Position => reader.Position;

        public long SkippedBytes => reader.SkippedBytes;

        public IReadOnlyList<(long From, long To)> TakeSkipped() => reader.TakeSkipped();

        public bool TryRead(out LogEntry entry) => reader.TryRead(out entry);

        public bool TryReadPayload(long position, Span<byte> target) => log.TryReadAt(position, target);

        public ValueTask WaitAsync(CancellationToken cancellationToken) => log.WaitBeyondAsync(reader.Position, cancellationToken);

        public void Dispose() => reader.Dispose();
    }
}
