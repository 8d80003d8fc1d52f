using Weir.Frames;

namespace Weir.Gateway;

/// <summary>What is known of one upload: its announcement, and how far each chunk is. Not thread-safe.</summary>
internal sealed class UploadState
{
    private readonly ChunkState[] _chunks;
    private readonly ContentId[] _hashes;

    /// <summary>An upload of which nothing has come.</summary>
    public UploadState(UploadOwner owner, UploadClaim claim, int chunkBytes, long createdMs)
    {
        Owner = owner;
        Claim = claim;
        ChunkBytes = chunkBytes;
        CreatedMs = TouchedMs = createdMs;
        Missing = (int)((claim.FileSize + chunkBytes - 1) / chunkBytes);
        _chunks = new ChunkState[Missing];
        _hashes = new ContentId[Missing];
    }

    /// <summary>Who uploads it.</summary>
    public UploadOwner Owner { get; }

    /// <summary>What was announced.</summary>
    public UploadClaim Claim { get; }

    /// <summary>Bytes of every chunk but the last.</summary>
    public int ChunkBytes { get; }

    /// <summary>When it was announced, Unix ms.</summary>
    public long CreatedMs { get; }

    /// <summary>When something of it last became durable, Unix ms.</summary>
    public long TouchedMs { get; private set; }

    /// <summary>Chunks of the file.</summary>
    public int ChunkCount => _chunks.Length;

    /// <summary>Chunks that are not there.</summary>
    public int Missing { get; private set; }

    /// <summary>Whether the file is whole and its hash has been checked.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>How far a chunk is.</summary>
    public ChunkState this[int chunk] => _chunks[chunk];

    /// <summary>The hash of a chunk that is there.</summary>
    public ContentId HashOf(int chunk) => _hashes[chunk];

    /// <summary>Where a chunk begins in the file.</summary>
    public long OffsetOf(int chunk) => (long)chunk * ChunkBytes;

    /// <summary>Bytes of a chunk.</summary>
    public int LengthOf(int chunk) => (int)Math.Min(ChunkBytes, Claim.FileSize - OffsetOf(chunk));

    /// <summary>Numbers of the chunks in a state.</summary>
    public IReadOnlyList<int> ChunksIn(ChunkState state) => [.. Enumerable.Range(0, _chunks.Length).Where(chunk => _chunks[chunk] == state)];

    /// <summary>Takes a durable record in.</summary>
    /// <returns>False where it contradicts the announcement.</returns>
    public bool Apply(in UploadRecord record)
    {
        if (record.IsCommit)
        {
            if (Missing > 0) return false;
            IsCommitted = true;
        }
        else
        {
            if (record.Chunk >= _chunks.Length || IsCommitted) return false;
            if (_chunks[record.Chunk] == ChunkState.Success) Missing++;
            if (record.State == ChunkState.Success) Missing--;
            _chunks[record.Chunk] = record.State;
            _hashes[record.Chunk] = record.Hash;
        }

        TouchedMs = record.TimeMs;
        return true;
    }
}
