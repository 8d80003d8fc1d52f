namespace Weir.Gateway;

/// <summary>Why an upload does not go on. The names stand in answers and metrics, in snake case.</summary>
internal enum UploadError
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>Peer: what was asked cannot be read.</summary>
    BadRequest,

    /// <summary>Peer: its certificate is not good, or another agent's.</summary>
    Untrusted,

    /// <summary>Peer: no upload of this id, of this agent.</summary>
    UnknownUpload,

    /// <summary>Peer: a larger file than any may be.</summary>
    FileTooLarge,

    /// <summary>Us: no room for this agent until some of its files have gone.</summary>
    AgentQuota,

    /// <summary>Us: no room until some files have gone.</summary>
    Quota,

    /// <summary>Us: too many uploads or files at a time.</summary>
    TooMany,

    /// <summary>Peer: the file has no such chunk.</summary>
    NoSuchChunk,

    /// <summary>Peer: more or fewer bytes than the chunk has.</summary>
    WrongSize,

    /// <summary>Peer: the bytes are not those of the hash.</summary>
    WrongHash,

    /// <summary>Us: the chunk is on its way already, or too many are.</summary>
    Busy,

    /// <summary>Peer: chunks are missing.</summary>
    Incomplete,

    /// <summary>Us: chunks were damaged after they had been stored; they are to be sent again.</summary>
    Damaged,

    /// <summary>Peer: the chunks make another file than was announced; the upload is given up.</summary>
    OtherFile,

    /// <summary>Store: no room on the disk.</summary>
    DiskFull,

    /// <summary>Store: it does not take the bytes.</summary>
    StoreFailed,
}
