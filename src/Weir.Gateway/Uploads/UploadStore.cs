using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>The uploads of a data directory: whole files that agents send in chunks, across restarts of either side.</summary>
/// <remarks>
/// <para>
/// Each has two files, <c>ID.state</c> and <c>ID.data</c>. The state is the only truth: what it does not say is not there. Chunks stand in the data
/// where they belong, so that a whole file needs no merging: its commit is one more record in the state. The data is made before the state and goes
/// after it, so that data without a state is what a crash left over, and is deleted at start.
/// </para>
/// <para>Thread-safe. One process at a time: the lock of the data directory.</para>
/// </remarks>
internal sealed partial class UploadStore : IDisposable
{
    /// <summary>Ends the name of a state.</summary>
    public const string StateSuffix = ".state";

    private const string DataSuffix = ".data";
    private const string DraftSuffix = ".new";

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly UploadOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, Upload> _uploads = new();
    private readonly HashSet<string> _newer = [];

    // Guards which uploads there are: making and removing.
    private readonly SemaphoreSlim _table = new(1);

    // Reading a whole file back takes a core for its time: one after the other.
    private readonly SemaphoreSlim _committing = new(1);

    private UploadStore(IFileSystem files, string directory, UploadOptions options, TimeProvider time, ILogger logger)
    {
        _files = files;
        _directory = directory;
        _options = options;
        _time = time;
        _logger = logger;
        Metrics = new UploadMetrics(this, options);
    }

    /// <summary>All uploads, in no particular order.</summary>
    public IEnumerable<Upload> All => _uploads.Values;

    /// <summary>What is counted.</summary>
    public UploadMetrics Metrics { get; }

    /// <summary>Opens the directory, made where it does not exist; drops what cannot be gone on with.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    public static UploadStore Open(IFileSystem files, string directory, UploadOptions options, TimeProvider time, ILogger logger)
    {
        files.CreateDirectory(directory);
        var store = new UploadStore(files, directory, options, time, logger);
        store.Recover();
        return store;
    }

    /// <summary>Name of the file with the bytes of an upload.</summary>
    public static string DataName(string id) => id + DataSuffix;

    /// <summary>Where it is.</summary>
    public string DataPath(string id) => Path.Combine(_directory, DataName(id));

    /// <summary>Begins an upload, or goes on with the one of the same content.</summary>
    public async ValueTask<UploadAnswer> BeginAsync(UploadOwner owner, UploadClaim claim, CancellationToken cancellationToken)
    {
        string id = claim.IdFor(owner);
        if (_uploads.TryGetValue(id, out Upload? known)) return UploadAnswer.Ok(known);
        await _table.WaitAsync(cancellationToken);
        try
        {
            if (_uploads.TryGetValue(id, out known)) return UploadAnswer.Ok(known);
            if (Refuse(owner, id, claim) is { } refusal) return refusal;
            return UploadAnswer.Ok(Create(owner, id, claim));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(e, id);
        }
        finally
        {
            _table.Release();
        }
    }

    /// <summary>An upload of this owner.</summary>
    public Upload? Find(UploadOwner owner, string id) => _uploads.TryGetValue(id, out Upload? upload) && upload.State.Owner == owner ? upload : null;

    /// <summary>Gives up what has been abandoned, and finished files that were kept long enough.</summary>
    /// <returns>How many.</returns>
    public async ValueTask<int> CollectAsync(CancellationToken cancellationToken)
    {
        long now = Now();
        int dropped = 0;
        foreach (Upload upload in _uploads.Values)
        {
            // What is whole is kept, committed or not: its commit may be what a damaged disk has lost.
            TimeSpan limit = upload.Missing == 0 ? _options.Keep : _options.AbandonAfter;
            if (TimeSpan.FromMilliseconds(now - upload.TouchedMs) < limit) continue;
            if (await DropAsync(upload, upload.Missing == 0 ? "expired" : "abandoned", cancellationToken)) dropped++;
        }

        return dropped;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Metrics.Dispose();
        _table.Dispose();
        _committing.Dispose();
    }

    private UploadAnswer? Refuse(UploadOwner owner, string id, UploadClaim claim)
    {
        if (claim.FileSize > (long)_options.ChunkBytes * UploadOptions.MaxChunks || claim.FileSize > Math.Min(_options.MaxBytes, _options.MaxBytesPerAgent))
            return No(UploadError.FileTooLarge, $"{claim.FileSize} bytes are more than any file may have here: {Math.Min((long)_options.ChunkBytes * UploadOptions.MaxChunks, Math.Min(_options.MaxBytes, _options.MaxBytesPerAgent))}");
        if (_newer.Contains(id)) return No(UploadError.StoreFailed, "a newer version of the server began this upload: only that goes on with it");
        long all = 0, own = 0;
        int open = 0, ownOpen = 0, ownFiles = 0;
        foreach (Upload each in _uploads.Values)
        {
            all += each.State.Claim.FileSize;
            if (!each.IsCommitted) open++;
            if (each.State.Owner != owner) continue;
            own += each.State.Claim.FileSize;
            ownFiles++;
            if (!each.IsCommitted) ownOpen++;
        }

        if (own + claim.FileSize > _options.MaxBytesPerAgent) return No(UploadError.AgentQuota, $"the files of this agent take {own} bytes of {_options.MaxBytesPerAgent}; {claim.FileSize} more do not fit until some have gone");
        if (all + claim.FileSize > _options.MaxBytes) return No(UploadError.Quota, $"all files take {all} bytes of {_options.MaxBytes}; {claim.FileSize} more do not fit until some have gone");
        if (ownOpen >= _options.MaxOpenPerAgent) return No(UploadError.TooMany, $"{ownOpen} uploads of this agent are going on, as many as there may be");
        if (ownFiles >= _options.MaxFilesPerAgent) return No(UploadError.TooMany, $"{ownFiles} files of this agent are kept, as many as there may be");
        if (open >= _options.MaxOpen) return No(UploadError.TooMany, $"{open} uploads are going on, as many as there may be");
        if (_uploads.Count >= _options.MaxFiles) return No(UploadError.TooMany, $"{_uploads.Count} files are kept, as many as there may be");
        return null;
    }

    private Upload Create(UploadOwner owner, string id, UploadClaim claim)
    {
        // Of an upload that could not be removed whole.
        RemoveFiles(id);
        _files.Create(DataPath(id)).Dispose();
        _files.SyncDirectory(_directory);
        var state = new UploadState(owner, claim, _options.ChunkBytes, Now());
        var upload = new Upload(id, state, UploadStateFile.Create(_files, _directory, id + StateSuffix, state));
        _uploads[id] = upload;
        _logger.UploadBegun(id, owner.Agent.ToString(), claim.FileSize, claim.Kind.ToString());
        return upload;
    }

    private async ValueTask<bool> DropAsync(Upload upload, string reason, CancellationToken cancellationToken)
    {
        await _table.WaitAsync(cancellationToken);
        try
        {
            if (!upload.TryEnd()) return false;
            _uploads.TryRemove(upload.Id, out _);
            Metrics.Dropped(reason);
            _logger.UploadDropped(DataPath(upload.Id), reason);
            RemoveFiles(upload.Id);
            upload.Dispose();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left is found at the next start, or when the same file comes again.
            _logger.StoreFailed(e, DataPath(upload.Id));
            return true;
        }
        finally
        {
            _table.Release();
        }
    }

    // The state first: data without one is left over, a state without data would be damage.
    private void RemoveFiles(string id)
    {
        foreach (string suffix in (ReadOnlySpan<string>)[StateSuffix, DataSuffix])
        {
            string path = Path.Combine(_directory, id + suffix);
            if (!_files.FileExists(path)) continue;
            _files.Delete(path);
            _files.SyncDirectory(_directory);
        }
    }

    private void Recover()
    {
        IReadOnlyList<string> names = _files.ListFiles(_directory);
        foreach (string name in names.Where(static name => name.EndsWith(DraftSuffix, StringComparison.Ordinal))) _files.Delete(Path.Combine(_directory, name));
        foreach (string name in names.Where(static name => name.EndsWith(StateSuffix, StringComparison.Ordinal))) Recover(name[..^StateSuffix.Length]);
        foreach (string name in names.Where(static name => name.EndsWith(DataSuffix, StringComparison.Ordinal)))
        {
            string id = name[..^DataSuffix.Length];
            if (!_uploads.ContainsKey(id) && !_newer.Contains(id)) RemoveFiles(id);
        }
    }

    private void Recover(string id)
    {
        UploadStateFile? file = UploadStateFile.Open(_files, Path.Combine(_directory, id + StateSuffix), out UploadState? state, out string? problem);
        if (state is not null) problem = ProblemOf(id, state);
        if (problem is not null)
        {
            Metrics.Dropped("corrupt");
            _logger.UploadCorrupt(Path.Combine(_directory, id + StateSuffix), problem);
            RemoveFiles(id);
        }
        else if (file is null)
        {
            _newer.Add(id);
            _logger.UploadNewer(Path.Combine(_directory, id + StateSuffix));
        }
        else
        {
            _uploads[id] = new Upload(id, state!, file);
        }
    }

    private string? ProblemOf(string id, UploadState state)
    {
        if (state.Claim.IdFor(state.Owner) != id) return "it is the state of another upload";
        if (!_files.FileExists(DataPath(id))) return "the data is missing";
        IReadOnlyList<int> there = state.ChunksIn(ChunkState.Success);
        if (there.Count == 0) return null;
        using IFile data = _files.Open(DataPath(id), write: false);
        long needed = state.OffsetOf(there[^1]) + state.LengthOf(there[^1]);
        return data.Length >= needed ? null : string.Create(CultureInfo.InvariantCulture, $"the data has {data.Length} bytes of {needed}");
    }

    private UploadAnswer No(UploadError error, string message)
    {
        Metrics.Refused(error);
        return UploadAnswer.No(error, message);
    }

    private UploadAnswer Failed(Exception cause, string id)
    {
        _logger.StoreFailed(cause, DataPath(id));
        return IsDiskFull(cause)
            ? No(UploadError.DiskFull, "the server's disk is full: nothing is lost, come later")
            : No(UploadError.StoreFailed, "the server cannot write: nothing is lost, come later");
    }

    // ENOSPC, EDQUOT; ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
    private static bool IsDiskFull(Exception e) => e is IOException && (e.HResult & 0xFFFF) is 28 or 122 or 39 or 112;

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
