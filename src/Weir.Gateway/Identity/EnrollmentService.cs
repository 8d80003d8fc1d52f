using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using Google.Protobuf;
using Weir.Protocol.V1;

namespace Weir.Gateway.Identity;

/// <summary>The gRPC service of the enrolment listener: bounds, counts and logs; the <see cref="EnrollmentDesk"/> judges.</summary>
internal sealed class EnrollmentService(GatewayIdentity identity, GatewayRegistry gateways, ILogger<EnrollmentService> logger) : Enrollment.EnrollmentBase
{
    /// <summary>Most bytes of a request.</summary>
    public const int MaxRequestBytes = 16 * 1024;

    private const string Join = "join";
    private const string Renewal = "renew";
    private const string Splitting = "split";

    /// <inheritdoc/>
    public override Task<Credentials> Enroll(EnrollRequest request, ServerCallContext context) => Serve(context, Join, () =>
    {
        (EnrollmentRefusal refusal, Credentials? credentials) = identity.Desk.Enroll(request);
        string agent = Convert.ToHexStringLower(request.AgentId.Span[..Math.Min(16, request.AgentId.Length)]);
        // What a stranger sends is not for the log, unless it has the form of an id.
        string token = Protocol.Identity.JoinToken.IsId(request.TokenId) ? request.TokenId : "?";
        if (credentials is not null) logger.Joined(agent, credentials.Tenant, token);
        else if (identity.Refusals.Passes(out long hidden)) logger.JoinRefused(agent, context.Peer, token, EnrollmentAnswers.NameOf(refusal), hidden);
        return (refusal, credentials);
    });

    /// <inheritdoc/>
    public override Task<ChallengeAnswer> Challenge(ChallengeRequest request, ServerCallContext context)
    {
        CheckListener(context);
        return Task.FromResult(new ChallengeAnswer { Nonce = ByteString.CopyFrom(identity.Desk.Challenge()) });
    }

    /// <inheritdoc/>
    public override Task<Credentials> Renew(RenewRequest request, ServerCallContext context) => Serve(context, Renewal, () =>
    {
        (EnrollmentRefusal refusal, Credentials? credentials, Log.AgentId agent) = identity.Desk.Renew(request);
        if (credentials is not null) logger.Renewed(agent.ToString());
        else if (identity.Refusals.Passes(out long hidden)) logger.RenewalRefused(agent.IsEmpty ? "?" : agent.ToString(), context.Peer, EnrollmentAnswers.NameOf(refusal), hidden);
        return (refusal, credentials);
    });

    /// <inheritdoc/>
    public override Task<Credentials> Split(SplitRequest request, ServerCallContext context) => Serve(context, Splitting, () =>
    {
        (EnrollmentRefusal refusal, Credentials? credentials, Log.AgentId from) = identity.Desk.Split(request);
        if (credentials is not null) logger.Split(Convert.ToHexStringLower(request.AgentId.Span), credentials.Tenant, from.ToString());
        else if (identity.Refusals.Passes(out long hidden)) logger.SplitRefused(from.IsEmpty ? "?" : from.ToString(), context.Peer, EnrollmentAnswers.NameOf(refusal), hidden);
        return (refusal, credentials);
    });

    private Task<Credentials> Serve(ServerCallContext context, string kind, Func<(EnrollmentRefusal Refusal, Credentials? Credentials)> decide)
    {
        CheckListener(context);
        EnrollmentRefusal refusal = EnrollmentRefusal.Busy;
        Credentials? credentials = null;
        try
        {
            if (identity.TryBeginRequest()) (refusal, credentials) = decide();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IdentityException)
        {
            logger.NotWritten(e);
            refusal = EnrollmentRefusal.Unwritten;
        }
        finally
        {
            identity.EndRequest();
        }

        identity.Metrics.Request(kind, refusal);
        return credentials is not null ? Task.FromResult(credentials) : throw new RpcException(EnrollmentAnswers.StatusOf(refusal, identity.Options));
    }

    private void CheckListener(ServerCallContext call)
    {
        Microsoft.AspNetCore.Http.HttpContext http = call.GetHttpContext();
        if (http.Features.Get<ITlsHandshakeFeature>() is null || gateways.Of(http.Connection.LocalPort) is not null)
            throw new RpcException(new Status(StatusCode.Unimplemented, "this listener is not for enrolment: agents join at the address that 'weir up' prints"));
    }
}
