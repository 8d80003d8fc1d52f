using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Net.Client;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;
using Weir.TestKit.Processes;

namespace Weir.Bench.Replay;

/// <summary>Joins agents to a server, each with a key of its own, as real ones do.</summary>
internal static class ReplayIdentity
{
    // Below what an enrolment listener serves at a time.
    private const int Parallel = 8;

    /// <summary>Joins all of them with one token.</summary>
    /// <param name="dll">The built server.</param>
    /// <param name="data">Its data directory.</param>
    /// <param name="enrollment">Its enrolment listener.</param>
    /// <param name="agents">Their agent ids.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What each connects with, in their order.</returns>
    public static async Task<SslClientAuthenticationOptions[]> JoinAsync(string dll, string data, Uri enrollment, IReadOnlyList<byte[]> agents, CancellationToken cancellationToken)
    {
        CommandResult created = await WeirProcess.RunAsync(dll, ["enroll", "token", "create", "--uses", FormattableString.Invariant($"{agents.Count}"), "--data", data], cancellationToken);
        JoinToken token = JoinToken.TryParse(created.Output is [var line, ..] ? line : "") ?? throw new ReplayFailedException($"no token was created: {created.Errors}");
        using var handler = new SocketsHttpHandler
        {
            SslOptions = Options(certificate => CertificateTrust.IsGateway(certificate, token.Pin, TimeProvider.System.GetUtcNow())),
        };
        using GrpcChannel channel = GrpcChannel.ForAddress(enrollment, new GrpcChannelOptions { HttpHandler = handler });
        var client = new Enrollment.EnrollmentClient(channel);
        var joined = new SslClientAuthenticationOptions[agents.Count];
        await System.Threading.Tasks.Parallel.ForAsync(
            0, agents.Count, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
            async (index, stop) => joined[index] = await JoinAsync(client, token, agents[index], stop));
        return joined;
    }

    private static async Task<SslClientAuthenticationOptions> JoinAsync(Enrollment.EnrollmentClient client, JoinToken token, byte[] agent, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrollRequest
        {
            TokenId = token.Id,
            TokenSecret = ByteString.CopyFrom(token.Secret),
            AgentId = ByteString.CopyFrom(agent),
            SigningRequest = ByteString.CopyFrom(new CertificateRequest($"CN={Convert.ToHexStringLower(agent)}", key, HashAlgorithmName.SHA256).CreateSigningRequest()),
        };
        Credentials credentials = await client.EnrollAsync(request, cancellationToken: cancellationToken);
        using X509Certificate2 issued = X509CertificateLoader.LoadCertificate(credentials.Certificate.Span);
        var authorities = new X509Certificate2Collection();
        foreach (ByteString authority in credentials.Authorities) authorities.Add(X509CertificateLoader.LoadCertificate(authority.Span));
        SslClientAuthenticationOptions options = Options(certificate => CertificateTrust.IsGateway(certificate, authorities, TimeProvider.System.GetUtcNow()));
        options.ClientCertificateContext = SslStreamCertificateContext.Create(issued.CopyWithPrivateKey(key), [], offline: true);
        return options;
    }

    private static SslClientAuthenticationOptions Options(Func<X509Certificate2, bool> isTrusted) => new()
    {
        EnabledSslProtocols = TlsRules.Protocols,
        CipherSuitesPolicy = TlsRules.Suites,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && isTrusted(shown),
    };
}
