using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;
using Weir.TestKit.FileSystem;

namespace Weir.Gateway.Tests.Identity;

/// <summary>The identity of a server on a file system in memory and a clock of its own.</summary>
internal sealed class TestIdentity : IDisposable
{
    public const string Directory = "/data/identity";

    private readonly IdentityOptions _options;

    /// <summary>Opens it.</summary>
    /// <param name="options">Options; null: the defaults, looking twice a day, so that a test may let years pass.</param>
    public TestIdentity(IdentityOptions? options = null)
    {
        _options = options ?? new IdentityOptions { WatchInterval = TimeSpan.FromHours(12) };
        Server = Open();
    }

    public CrashFileSystem Files { get; } = new();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-06-01T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    public GatewayIdentity Server { get; private set; }

    public static string Agents => Directory + "/agents";

    public static string Uses => Directory + "/uses";

    /// <summary>The server stops and starts again on the same files.</summary>
    public void Restart()
    {
        Server.Dispose();
        Server = Open();
    }

    public JoinToken Token(int uses = 1, string tenant = "default") => Server.Directory.CreateToken(tenant, uses, TimeSpan.FromHours(24), "test");

    public EnrollmentRefusal Enroll(JoinToken token, TestJoiner joiner) => Enroll(joiner.Request(token), joiner);

    public EnrollmentRefusal Enroll(EnrollRequest request, TestJoiner? joiner = null)
    {
        (EnrollmentRefusal refusal, Credentials? credentials) = Server.Desk.Enroll(request);
        Assert.Equal(refusal == EnrollmentRefusal.None, credentials is not null);
        if (credentials is not null) joiner?.Take(credentials);
        return refusal;
    }

    public EnrollmentRefusal Renew(TestJoiner joiner) => Renew(joiner.Renewal(Server.Desk.Challenge()), joiner);

    public EnrollmentRefusal Renew(RenewRequest request, TestJoiner? joiner = null)
    {
        (EnrollmentRefusal refusal, Credentials? credentials, _) = Server.Desk.Renew(request);
        Assert.Equal(refusal == EnrollmentRefusal.None, credentials is not null);
        if (credentials is not null) joiner?.Take(credentials);
        return refusal;
    }

    public EnrollmentRefusal Split(TestJoiner from, TestJoiner copy) => Split(from.Split(Server.Desk.Challenge(), copy), copy);

    public EnrollmentRefusal Split(SplitRequest request, TestJoiner? copy = null)
    {
        (EnrollmentRefusal refusal, Credentials? credentials, _) = Server.Desk.Split(request);
        Assert.Equal(refusal == EnrollmentRefusal.None, credentials is not null);
        if (credentials is not null) copy?.Take(credentials);
        return refusal;
    }

    public void Dispose() => Server.Dispose();

    private GatewayIdentity Open() => GatewayIdentity.Open(Files, Directory, _options, Time, NullLoggerFactory.Instance);
}

/// <summary>An agent's side of enrolment: a key, an id, and what it was given.</summary>
internal sealed class TestJoiner(AgentId agent, ECCurve? curve = null)
{
    public AgentId Agent => agent;

    public ECDsa Key { get; } = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);

    public X509Certificate2 Certificate { get; private set; } = null!;

    public X509Certificate2Collection Authorities { get; private set; } = [];

    public static TestJoiner Number(ulong number) => new(new AgentId(1, number));

    public byte[] SigningRequest(string? subject = null) => new CertificateRequest(subject ?? $"CN={agent}", Key, HashAlgorithmName.SHA256).CreateSigningRequest();

    public EnrollRequest Request(JoinToken token, byte[]? signingRequest = null) => new()
    {
        TokenId = token.Id,
        TokenSecret = ByteString.CopyFrom(token.Secret),
        AgentId = AgentBytes(agent),
        SigningRequest = ByteString.CopyFrom(signingRequest ?? SigningRequest()),
    };

    public RenewRequest Renewal(byte[] nonce, ECDsa? by = null) => new()
    {
        Nonce = ByteString.CopyFrom(nonce),
        Certificate = ByteString.CopyFrom(Certificate.RawData),
        Proof = ByteString.CopyFrom((by ?? Key).SignData(RenewalProof.Bytes(nonce, Certificate.RawData), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
    };

    public SplitRequest Split(byte[] nonce, TestJoiner copy, byte[]? signingRequest = null, ECDsa? by = null)
    {
        ByteString id = AgentBytes(copy.Agent);
        byte[] signing = signingRequest ?? copy.SigningRequest();
        return new SplitRequest
        {
            Nonce = ByteString.CopyFrom(nonce),
            Certificate = ByteString.CopyFrom(Certificate.RawData),
            AgentId = id,
            SigningRequest = ByteString.CopyFrom(signing),
            Proof = ByteString.CopyFrom((by ?? Key).SignData(SplitProof.Bytes(nonce, Certificate.RawData, id.Span, signing), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
        };
    }

    public void Take(Credentials credentials)
    {
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(credentials.Certificate.Span);
        Certificate = bare.CopyWithPrivateKey(Key);
        Authorities = [.. credentials.Authorities.Select(static each => X509CertificateLoader.LoadCertificate(each.Span))];
    }

    /// <summary>TLS as an agent speaks it.</summary>
    public SslClientAuthenticationOptions Tls(TimeProvider time, X509Certificate2? certificate = null) => new()
    {
        ClientCertificateContext = SslStreamCertificateContext.Create(certificate ?? Certificate, [], offline: true),
        RemoteCertificateValidationCallback = (_, shown, _, _) => CertificateTrust.IsGateway((X509Certificate2)shown!, Authorities, time.GetUtcNow()),
    };

    public static ByteString AgentBytes(AgentId agent)
    {
        var bytes = new byte[AgentId.Size];
        agent.Write(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
