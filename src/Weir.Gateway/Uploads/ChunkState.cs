namespace Weir.Gateway;

/// <summary>How far a chunk is. Values stand on disk and are frozen; pending never stands there.</summary>
internal enum ChunkState : byte
{
    /// <summary>Not there.</summary>
    Pending = 0,

    /// <summary>Its bytes are durable and those of its hash.</summary>
    Success = 1,

    /// <summary>What came was wrong, or has been damaged since; it may be sent again.</summary>
    Failed = 2,
}
