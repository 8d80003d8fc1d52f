namespace Weir.Writer;

/// <summary>Why an entry waits in quarantine. Values are frozen.</summary>
internal enum QuarantineReason : byte
{
    /// <summary>A settled name with another content: two agents share an identity.</summary>
    IdentityConflict = 1,

    /// <summary>A time outside the acceptance horizon, judged by the record's receive time.</summary>
    OutsideHorizon = 2,

    /// <summary>The schema has not come yet; the frame is stored when it does.</summary>
    MissingObjects = 3,

    /// <summary>An object, declaration or tombstone whose payload cannot be read, or a frame that contradicts its schema.</summary>
    Malformed = 4,
}
