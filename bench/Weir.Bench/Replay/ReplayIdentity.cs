using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Net.Client;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;
using Weir.TestKit.Processes;

namespace Weir.Bench.Replay;

/// <summary>Joins the hosts of a replay to a server, each with a key of its own, as agents do.</summary>
internal static class ReplayIdentity
{
    // Below what an enrolment listener serves at a time.
    private const int Parallel = 8;

    /// <summary>Joins all hosts with one token.</summary>
    /// <param name="dll">The built server.</param>
    /// <param name="data">Its data directory.</param>
    /// <param name="enrollment">Its enrolment listener.</param>
    /// <param name="hosts">The hosts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What each host connects with, in their order.</returns>
    public static async Task<SslClientAuthenticationOptions[]> JoinAsync(string dll, string data, Uri enrollment, IReadOnlyList<ReplayHost> hosts, CancellationToken cancellationToken)
    {
        CommandResult created = await WeirProcess.RunAsync(dll, ["enroll", "token", "create", "--uses", FormattableString.Invariant($"{hosts.Count}"), "--data", data], cancellationToken);
        JoinToken token = JoinToken.TryParse(created.Output is [var line, ..] ? line : "") ?? throw new ReplayFailedException($"no token was created: {created.Errors}");
        using var handler = new SocketsHttpHandler
        {
            SslOptions = Options(certificate => CertificateTrust.IsGateway(certificate, token.Pin, TimeProvider.System.GetUtcNow())),
        };
        using GrpcChannel channel = GrpcChannel.ForAddress(enrollment, new GrpcChannelOptions { HttpHandler = handler });
        var client = new Enrollment.EnrollmentClient(channel);
        var joined = new SslClientAuthenticationOptions[hosts.Count];
        await System.Threading.Tasks.Parallel.ForAsync(
            0, hosts.Count, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
            async (index, stop) => joined[index] = await JoinAsync(client, token, hosts[index], stop));
        return joined;
    }

    private static async Task<SslClientAuthenticationOptions> JoinAsync(Enrollment.EnrollmentClient client, JoinToken token, ReplayHost host, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrollRequest
        {
            TokenId = token.Id,
            TokenSecret = ByteString.CopyFrom(token.Secret),
            AgentId = ByteString.CopyFrom(host.AgentId),
            SigningRequest = ByteString.CopyFrom(new CertificateRequest($"CN={host.HostId}", key, HashAlgorithmName.SHA256).CreateSigningRequest()),
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
