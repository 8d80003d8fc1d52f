using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>Copies of entries that were given up because a gateway refused them or the spool had damaged them: for whoever looks into it.</summary>
/// <remarks>
/// A <see cref="SegmentLog"/> of its own in the data directory, opened when it is first needed; above its limit the oldest go. Nothing depends on it: an entry counts
/// as given up by its tombstone alone, and a crash between the two may leave a second copy. One caller at a time.
/// </remarks>
/// <param name="files">File system.</param>
/// <param name="dataDirectory">The agent's data directory.</param>
/// <param name="time">Clock.</param>
/// <param name="limitBytes">Most bytes of all copies, give or take a segment, which is an eighth of it. Default 4 MiB.</param>
internal sealed class SpoolQuarantine(IFileSystem files, string dataDirectory, TimeProvider time, long limitBytes = 4 << 20) : IAsyncDisposable
{

    private readonly ByteWriter _index = new();
    private SegmentLog? _log;

    /// <summary>The directory of the quarantine in a data directory.</summary>
    public static string DirectoryOf(string dataDirectory) => Path.Combine(dataDirectory, "quarantine");

    /// <summary>Keeps a copy.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="reason">Why it is given up.</param>
    /// <param name="bytes">What of it can be read.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public async ValueTask AddAsync(SpooledEntry entry, DropReason reason, ReadOnlyMemory<byte> bytes)
    {
        _log ??= SegmentLog.Open(files, DirectoryOf(dataDirectory), new SegmentLogOptions { MaxSegmentBytes = limitBytes / 8, Time = time });
        QuarantineIndex.Write(_index, new QuarantineIndex(reason, time.GetUtcNow().ToUnixTimeMilliseconds(), entry.Epoch, entry.StartNumber, entry.Seq, entry.Header.Kind));
        await _log.AppendAsync(_index.WrittenMemory, bytes, CancellationToken.None).ConfigureAwait(false);
        while (_log.SizeBytes > limitBytes && _log.Segments is [_, var next, ..]) _log.TruncateBefore(next.Start);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _log?.DisposeAsync() ?? default;
}
