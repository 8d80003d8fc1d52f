using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Agent.Uplinks;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;

namespace Weir.Agent.Identity;

/// <summary>Speaks to the enrolment listener: joins by a token, renews by proof of the key.</summary>
internal sealed class EnrollmentClient(Uri address, IWebProxy? proxy, AgentId agent, ECDsa key, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Joins. The listener is believed for the pin in the token and nothing else.</summary>
    /// <exception cref="RpcException">It was refused, or nobody answered as the token says.</exception>
    public Task<AgentCredentials> JoinAsync(JoinToken token, CancellationToken cancellationToken) => CallAsync(
        certificate => CertificateTrust.IsGateway(certificate, token.Pin, time.GetUtcNow()),
        async (client, options) => await client.EnrollAsync(
            new EnrollRequest
            {
                TokenId = token.Id,
                TokenSecret = ByteString.CopyFrom(token.Secret),
                AgentId = AgentBytes(),
                SigningRequest = ByteString.CopyFrom(new CertificateRequest($"CN={agent}", key, HashAlgorithmName.SHA256).CreateSigningRequest()),
            },
            options).ResponseAsync.ConfigureAwait(false),
        cancellationToken);

    /// <summary>Renews.</summary>
    /// <exception cref="RpcException">It was refused, or nobody trusted answered.</exception>
    public Task<AgentCredentials> RenewAsync(AgentCredentials current, CancellationToken cancellationToken) => CallAsync(
        certificate => CertificateTrust.IsGateway(certificate, current.Authorities, time.GetUtcNow()),
        async (client, options) =>
        {
            ChallengeAnswer challenge = await client.ChallengeAsync(new ChallengeRequest(), options).ResponseAsync.ConfigureAwait(false);
            byte[] certificate = current.Certificate.RawData;
            byte[] proof = key.SignData(RenewalProof.Bytes(challenge.Nonce.Span, certificate), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            var request = new RenewRequest { Nonce = challenge.Nonce, Certificate = ByteString.CopyFrom(certificate), Proof = ByteString.CopyFrom(proof) };
            return await client.RenewAsync(request, options).ResponseAsync.ConfigureAwait(false);
        },
        cancellationToken);

    private async Task<AgentCredentials> CallAsync(
        Func<X509Certificate2, bool> isTrusted, Func<Enrollment.EnrollmentClient, CallOptions, Task<Credentials>> call, CancellationToken cancellationToken)
    {
        bool refused = false;
        using SocketsHttpHandler handler = ProxiedHandler.Create(proxy, Limit);
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = TlsRules.Protocols,
            CipherSuitesPolicy = TlsRules.Suites,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => !(refused = certificate is not X509Certificate2 shown || !isTrusted(shown)),
        };
        using GrpcChannel channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = 256 * 1024, CompressionProviders = [] });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            Credentials answer = await call(new Enrollment.EnrollmentClient(channel), new CallOptions(cancellationToken: limit.Token)).ConfigureAwait(false);
            return AgentCredentials.TryMake(answer, agent, key, time.GetUtcNow())
                ?? throw new RpcException(new Status(StatusCode.DataLoss, "the answer holds no certificate for this agent's key, or of no authority that came with it"));
        }
        catch (RpcException e) when (refused)
        {
            throw new RpcException(new Status(
                StatusCode.Unavailable, $"whoever answers at {address.Authority} is not the server that is trusted: another server, somebody between, or this host's clock is wrong", e));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"no answer within {Limit.TotalSeconds:0} s", e));
        }
    }

    private ByteString AgentBytes()
    {
        var bytes = new byte[AgentId.Size];
        agent.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
