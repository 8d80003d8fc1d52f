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

/// <summary>Speaks to the enrolment listener: joins by a token, renews and splits by proof of the key.</summary>
internal sealed class EnrollmentClient(Uri address, IWebProxy? proxy, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Joins. The listener is believed for the pin in the token and nothing else.</summary>
    /// <exception cref="RpcException">It was refused, or nobody answered as the token says.</exception>
    public Task<AgentCredentials> JoinAsync(JoinToken token, AgentId agent, ECDsa key, CancellationToken cancellationToken) => CallAsync(
        agent, key, certificate => CertificateTrust.IsGateway(certificate, token.Pin, time.GetUtcNow()),
        async (client, options) => await client.EnrollAsync(
            new EnrollRequest
            {
                TokenId = token.Id,
                TokenSecret = ByteString.CopyFrom(token.Secret),
                AgentId = Bytes(agent),
                SigningRequest = ByteString.CopyFrom(SigningRequest(agent, key)),
            },
            options).ResponseAsync.ConfigureAwait(false),
        cancellationToken);

    /// <summary>Renews.</summary>
    /// <exception cref="RpcException">It was refused, or nobody trusted answered.</exception>
    public async Task<AgentCredentials> RenewAsync(AgentCredentials current, CancellationToken cancellationToken)
    {
        using ECDsa key = current.Certificate.GetECDsaPrivateKey()!;
        return await CallProvenAsync(current, current.Agent, key, async (client, nonce, certificate, options) =>
        {
            byte[] proof = Sign(key, RenewalProof.Bytes(nonce.Span, certificate));
            var request = new RenewRequest { Nonce = nonce, Certificate = ByteString.CopyFrom(certificate), Proof = ByteString.CopyFrom(proof) };
            return await client.RenewAsync(request, options).ResponseAsync.ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets a certificate for another id and key, by proof of the key that this machine was copied with.</summary>
    /// <exception cref="RpcException">It was refused, or nobody trusted answered.</exception>
    public async Task<AgentCredentials> SplitAsync(AgentCredentials current, AgentId agent, ECDsa key, CancellationToken cancellationToken)
    {
        using ECDsa oldKey = current.Certificate.GetECDsaPrivateKey()!;
        return await CallProvenAsync(current, agent, key, async (client, nonce, certificate, options) =>
        {
            ByteString id = Bytes(agent);
            byte[] signing = SigningRequest(agent, key);
            byte[] proof = Sign(oldKey, SplitProof.Bytes(nonce.Span, certificate, id.Span, signing));
            var request = new SplitRequest { Nonce = nonce, Certificate = ByteString.CopyFrom(certificate), Proof = ByteString.CopyFrom(proof), AgentId = id, SigningRequest = ByteString.CopyFrom(signing) };
            return await client.SplitAsync(request, options).ResponseAsync.ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    private Task<AgentCredentials> CallProvenAsync(
        AgentCredentials current, AgentId agent, ECDsa key, Func<Enrollment.EnrollmentClient, ByteString, byte[], CallOptions, Task<Credentials>> call, CancellationToken cancellationToken) => CallAsync(
        agent, key, certificate => CertificateTrust.IsGateway(certificate, current.Authorities, time.GetUtcNow()),
        async (client, options) =>
        {
            ChallengeAnswer challenge = await client.ChallengeAsync(new ChallengeRequest(), options).ResponseAsync.ConfigureAwait(false);
            return await call(client, challenge.Nonce, current.Certificate.RawData, options).ConfigureAwait(false);
        },
        cancellationToken);

    private async Task<AgentCredentials> CallAsync(
        AgentId agent, ECDsa key, Func<X509Certificate2, bool> isTrusted, Func<Enrollment.EnrollmentClient, CallOptions, Task<Credentials>> call, CancellationToken cancellationToken)
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
                StatusCode.Unauthenticated, $"whoever answers at {address.Authority} is not the server that is trusted: another server, somebody between, or this host's clock is wrong", e));
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"no answer within {Limit.TotalSeconds:0} s", e));
        }
    }

    private static byte[] SigningRequest(AgentId agent, ECDsa key) => new CertificateRequest($"CN={agent}", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    private static byte[] Sign(ECDsa key, byte[] content) => key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private static ByteString Bytes(AgentId agent)
    {
        var bytes = new byte[AgentId.Size];
        agent.Write(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
