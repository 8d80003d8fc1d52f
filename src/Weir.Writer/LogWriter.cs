using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Log;
using Weir.Writer.Healing;

namespace Weir.Writer;

/// <summary>The writer role: drives every partition of a log into a store.</summary>
public sealed class LogWriter : IAsyncDisposable
{
    private const int RestartSeconds = 5;

    private readonly List<PartitionWriter> _partitions = [];
    private readonly List<Quarantine> _quarantines = [];
    private readonly WriterServices _services;

    private LogWriter(WriterServices services) => _services = services;

    /// <summary>Opens all partitions at the store's progress.</summary>
    /// <param name="log">The log to read.</param>
    /// <param name="store">The store to fill.</param>
    /// <param name="files">Where the quarantine lives.</param>
    /// <param name="reserve">The reserve of its disk: on a full one the quarantine waits, as the log does, and the books of damage are written into it. Null for none.</param>
    /// <param name="quarantineDirectory">Its directory: one log per partition below it, and the books of damage.</param>
    /// <param name="options">Options.</param>
    /// <param name="directives">How agents are told to draw a new epoch.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Messages.</param>
    /// <exception cref="LogException">The quarantine cannot be opened.</exception>
    /// <exception cref="InvalidDataException">A snapshot or a book of damage cannot be read.</exception>
    public static async Task<LogWriter> OpenAsync(
        ILog log, IStore store, IFileSystem files, DiskReserve? reserve, string quarantineDirectory, WriterOptions options, IAgentDirectives directives, TimeProvider time, ILoggerFactory loggers)
    {
        var shared = new SharedObjects();
        var writer = new LogWriter(new WriterServices(loggers.CreateLogger<LogWriter>(), new WriterMetrics(), directives, time));
        try
        {
            for (int i = 0; i < log.PartitionCount; i++)
            {
                string directory = Path.Combine(quarantineDirectory, i.ToString(CultureInfo.InvariantCulture));
                var quarantine = new Quarantine(files, directory, new SegmentLogOptions { Reserve = reserve, Time = time });
                writer._quarantines.Add(quarantine);
                await writer.ReadAsync(quarantine, i);
                DamageBook damage = DamageBook.Open(reserve is null ? files : new ReservedFileSystem(files, reserve), Path.Combine(quarantineDirectory, "damage"), i);
                writer._partitions.Add(new PartitionWriter(i, log, store.OpenPartition(i), quarantine, damage, shared, options, writer._services));
            }

            return writer;
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Entries in quarantine over all partitions.</summary>
    public int QuarantinedEntries => _quarantines.Sum(static quarantine => quarantine.Count);

    /// <summary>Applies everything that is durable now: afterwards the store answers for it.</summary>
    public Task CatchUpAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_partitions.Select(partition => Task.Run(() => partition.CatchUpAsync(cancellationToken), cancellationToken)));

    /// <summary>Looks for what is damaged or missing, and asks the agents for it, now: behind <see cref="CatchUpAsync"/>, and not beside <see cref="RunAsync"/>.</summary>
    /// <exception cref="IOException">The disk does not take what is to be remembered: the next look goes on with it.</exception>
    public void Heal()
    {
        foreach (PartitionWriter partition in _partitions) partition.Heal();
    }

    /// <summary>Moves the store's progress on where it wants to, now: behind <see cref="CatchUpAsync"/>, and not beside <see cref="RunAsync"/>.</summary>
    /// <exception cref="IOException">The disk does not take it: the old progress stays in force.</exception>
    public void Advance()
    {
        foreach (PartitionWriter partition in _partitions) partition.Advance();
    }

    /// <summary>Applies everything that is durable now, and then records as they come, until cancelled. Does not fail.</summary>
    /// <param name="caughtUp">Called once everything that was durable at the beginning has been applied: the store answers for it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RunAsync(Action caughtUp, CancellationToken cancellationToken)
    {
        int behind = _partitions.Count;
        return Task.WhenAll(_partitions.Select((partition, index) => Task.Run(() => RunPartitionAsync(index, partition, TellOnce(), cancellationToken), CancellationToken.None)));

        Action TellOnce()
        {
            bool isBehind = true;
            return () =>
            {
                if (isBehind && Interlocked.Decrement(ref behind) == 0) caughtUp();
                isBehind = false;
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (PartitionWriter partition in _partitions) partition.Dispose();
        foreach (Quarantine quarantine in _quarantines) await quarantine.DisposeAsync();
        _services.Metrics.Dispose();
    }

    // It holds decisions that must not be taken anew: the disk is waited for, until what it does not give counts as damaged.
    private async Task ReadAsync(Quarantine quarantine, int partition)
    {
        while (true)
        {
            try
            {
                quarantine.Read();
                return;
            }
            catch (LogException e) when (e.Error == LogError.ReadFailed)
            {
                _services.Logger.Failed(e, partition, RestartSeconds);
                await Task.Delay(TimeSpan.FromSeconds(RestartSeconds), _services.Time, CancellationToken.None);
            }
        }
    }

    // A failure (quarantine or store out of disk) must not end the partition for good, nor touch its neighbours.
    private async Task RunPartitionAsync(int index, PartitionWriter partition, Action caughtUp, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await partition.RunAsync(caughtUp, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _services.Logger.Failed(e, index, RestartSeconds);
                await Task.Delay(TimeSpan.FromSeconds(RestartSeconds), _services.Time, CancellationToken.None).WaitAsync(cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
