using Grpc.Core;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>What a refusal is called on the wire, in metrics and to people.</summary>
internal static class EnrollmentAnswers
{
    /// <summary>The status of a refusal. Agents give up on none but wait longer and longer.</summary>
    public static Status StatusOf(EnrollmentRefusal refusal, IdentityOptions options) => refusal switch
    {
        EnrollmentRefusal.BadRequest => new(StatusCode.InvalidArgument, "the request is not complete: token, agent id (16 bytes; a new one for a copy), signing request"),
        EnrollmentRefusal.UnknownToken => new(StatusCode.Unauthenticated, "no such join token: make one with 'weir enroll token create'"),
        EnrollmentRefusal.ExpiredToken => new(StatusCode.Unauthenticated, "the join token has expired: make a new one with 'weir enroll token create'"),
        EnrollmentRefusal.RevokedToken => new(StatusCode.Unauthenticated, "the join token was revoked: make a new one with 'weir enroll token create'"),
        EnrollmentRefusal.UsedUpToken => new(StatusCode.Unauthenticated, "the join token is used up: make a new one with 'weir enroll token create', for several agents with --uses"),
        EnrollmentRefusal.BadSigningRequest => new(StatusCode.InvalidArgument, "the signing request is damaged, not signed by its own key, names another agent, or its key is not ECDSA P-256 and, for a copy, a new one"),
        EnrollmentRefusal.OtherKey => new(StatusCode.AlreadyExists, "this agent id belongs to another key: move the agent's data directory away, so that it starts as a new agent"),
        EnrollmentRefusal.OtherTenant => new(StatusCode.PermissionDenied, "this agent id belongs to another tenant: use a token of that tenant, or move the agent's data directory away"),
        EnrollmentRefusal.RevokedAgent => new(StatusCode.PermissionDenied, "this agent was revoked ('weir enroll agent list')"),
        EnrollmentRefusal.BadNonce => new(StatusCode.Aborted, "the nonce is not of this server, too old or used before: ask for another"),
        EnrollmentRefusal.ForeignCertificate => new(StatusCode.Unauthenticated, "the certificate is not one that this server gave to an agent: join again with a token"),
        EnrollmentRefusal.TooLate => new(StatusCode.FailedPrecondition, $"the certificate expired more than {options.RenewalGrace.TotalDays:0} days ago: join again with a token"),
        EnrollmentRefusal.BadProof => new(StatusCode.Unauthenticated, "the proof is not a signature by the certificate's key"),
        EnrollmentRefusal.TooManyCopies => new(StatusCode.FailedPrecondition, $"there are {options.MaxCopies} copies of this agent, or {CertificateNames.MaxFormer} generations of them, the limits: join with a token"),
        EnrollmentRefusal.Busy => new(StatusCode.ResourceExhausted, "too many requests at a time: come again"),
        EnrollmentRefusal.Unwritten => new(StatusCode.Unavailable, "the server cannot write it down now: come again"),
        _ => new(StatusCode.Internal, "unknown"),
    };

    /// <summary>The value of a metric's attribute.</summary>
    public static string NameOf(EnrollmentRefusal refusal) => refusal switch
    {
        EnrollmentRefusal.BadRequest => "bad_request",
        EnrollmentRefusal.UnknownToken => "unknown_token",
        EnrollmentRefusal.ExpiredToken => "expired_token",
        EnrollmentRefusal.RevokedToken => "revoked_token",
        EnrollmentRefusal.UsedUpToken => "used_up_token",
        EnrollmentRefusal.BadSigningRequest => "bad_signing_request",
        EnrollmentRefusal.OtherKey => "other_key",
        EnrollmentRefusal.OtherTenant => "other_tenant",
        EnrollmentRefusal.RevokedAgent => "revoked_agent",
        EnrollmentRefusal.BadNonce => "bad_nonce",
        EnrollmentRefusal.ForeignCertificate => "foreign_certificate",
        EnrollmentRefusal.TooLate => "too_late",
        EnrollmentRefusal.BadProof => "bad_proof",
        EnrollmentRefusal.TooManyCopies => "too_many_copies",
        EnrollmentRefusal.Busy => "busy",
        EnrollmentRefusal.Unwritten => "unwritten",
        _ => "none",
    };
}
