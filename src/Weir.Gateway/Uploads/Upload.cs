namespace Weir.Gateway;

/// <summary>One upload while the process runs. Thread-safe: state changes under <see cref="Changing"/> and the lock.</summary>
internal sealed class Upload(string id, UploadState state, UploadStateFile file) : IDisposable
{
    private const int Commit = -1;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _inFlight = [];
    private bool _gone;

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>What was announced; never changes.</summary>
    public UploadState State => state;

    /// <summary>Held while a record is appended.</summary>
    public SemaphoreSlim Changing { get; } = new(1);

    /// <summary>Whether the file is whole.</summary>
    public bool IsCommitted
    {
        get
        {
            lock (_lock) return state.IsCommitted;
        }
    }

    /// <summary>When something of it last became durable, Unix ms.</summary>
    public long TouchedMs
    {
        get
        {
            lock (_lock) return state.TouchedMs;
        }
    }

    /// <summary>Chunks that are not there.</summary>
    public int Missing
    {
        get
        {
            lock (_lock) return state.Missing;
        }
    }

    /// <summary>Numbers of the chunks in a state.</summary>
    public IReadOnlyList<int> ChunksIn(ChunkState chunks)
    {
        lock (_lock) return state.ChunksIn(chunks);
    }

    /// <summary>Takes a chunk for writing: one writer each, so that no bytes mix.</summary>
    /// <returns>What stands against it; <see cref="UploadError.None"/> with <paramref name="isThere"/> where nothing need be written.</returns>
    public UploadError TryEnter(int chunk, out bool isThere)
    {
        lock (_lock)
        {
            isThere = false;
            if (_gone) return UploadError.UnknownUpload;
            isThere = state.IsCommitted || state[chunk] == ChunkState.Success;
            return isThere || _inFlight.Add(chunk) ? UploadError.None : UploadError.Busy;
        }
    }

    /// <summary>Takes the whole upload for its commit.</summary>
    public UploadError TryEnterCommit()
    {
        lock (_lock)
        {
            if (_gone) return UploadError.UnknownUpload;
            if (state.Missing > 0) return UploadError.Incomplete;
            return _inFlight.Add(Commit) ? UploadError.None : UploadError.Busy;
        }
    }

    /// <summary>The commit has ended.</summary>
    public void ExitCommit() => Exit(Commit);

    /// <summary>The chunk is not written any more.</summary>
    public void Exit(int chunk)
    {
        lock (_lock) _inFlight.Remove(chunk);
    }

    /// <summary>Ends the upload unless chunks are on their way; nothing enters any more.</summary>
    public bool TryEnd()
    {
        lock (_lock)
        {
            if (_gone || _inFlight.Count > 0) return false;
            return _gone = true;
        }
    }

    /// <summary>Makes a step durable, then visible. Under <see cref="Changing"/>.</summary>
    /// <exception cref="IOException">It is not durable.</exception>
    public void Append(in UploadRecord record)
    {
        file.Append(record);
        lock (_lock) state.Apply(record);
    }

    /// <inheritdoc/>
    public void Dispose() => Changing.Dispose();
}
