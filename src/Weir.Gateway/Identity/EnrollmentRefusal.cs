namespace Weir.Gateway.Identity;

/// <summary>Why an agent was not given a certificate. Each has its own answer and is counted.</summary>
internal enum EnrollmentRefusal
{
    /// <summary>It was given one.</summary>
    None,

    /// <summary>The request does not say what it must.</summary>
    BadRequest,

    /// <summary>No token of this id and secret.</summary>
    UnknownToken,

    /// <summary>The token has expired.</summary>
    ExpiredToken,

    /// <summary>The token was taken back.</summary>
    RevokedToken,

    /// <summary>The token has let in as many agents as it may.</summary>
    UsedUpToken,

    /// <summary>The signing request is damaged, not signed by its key, of another agent, or its key is not P-256, or not a new one for a copy.</summary>
    BadSigningRequest,

    /// <summary>The agent id is bound to another key.</summary>
    OtherKey,

    /// <summary>The agent id is bound to another tenant.</summary>
    OtherTenant,

    /// <summary>The agent is shut out.</summary>
    RevokedAgent,

    /// <summary>The nonce is not one of ours, too old, or was used before.</summary>
    BadNonce,

    /// <summary>The certificate is not an agent's, or of another authority.</summary>
    ForeignCertificate,

    /// <summary>The certificate expired too long ago.</summary>
    TooLate,

    /// <summary>The proof is not a signature by the certificate's key.</summary>
    BadProof,

    /// <summary>There are as many copies of the agent as there may be, or it is a copy of a copy too often.</summary>
    TooManyCopies,

    /// <summary>Too many requests at a time.</summary>
    Busy,

    /// <summary>The disk did not take it.</summary>
    Unwritten,
}
