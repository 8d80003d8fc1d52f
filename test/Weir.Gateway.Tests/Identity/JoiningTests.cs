using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Weir.Gateway.Identity;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;
using Weir.TestKit.FileSystem;

namespace Weir.Gateway.Tests.Identity;

/// <summary>Who gets a first certificate, and who does not.</summary>
public sealed class JoiningTests : IDisposable
{
    private readonly TestIdentity _identity = new();

    public void Dispose() => _identity.Dispose();

    [Fact]
    public void Enroll_GoodToken_GivesACertificateForAgentTenantAndKey()
    {
        TestJoiner joiner = TestJoiner.Number(7);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "acme"), joiner));
        X509Certificate2 certificate = joiner.Certificate;
        Assert.Equal($"weir:agent:acme/{joiner.Agent}", CertificateNames.UriOf(certificate));
        Assert.Equal(("acme", joiner.Agent.ToString()), CertificateNames.AgentOf(certificate));
        Assert.Equal($"CN={joiner.Agent}", certificate.Subject);
        Assert.Equal(_identity.Time.GetUtcNow() + TimeSpan.FromHours(24), certificate.NotAfter);
        Assert.Equal(_identity.Time.GetUtcNow() - TimeSpan.FromMinutes(5), certificate.NotBefore);
        Assert.True(CertificateTrust.IsIssuedBy(certificate, joiner.Authorities, CertificateNames.AgentUse));
        Assert.False(CertificateTrust.IsIssuedBy(certificate, joiner.Authorities, CertificateNames.GatewayUse));
        Assert.False(CertificateTrust.IsGateway(certificate, joiner.Authorities, _identity.Time.GetUtcNow()));
        Assert.Equal(joiner.Key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void Enroll_UnknownToken_OrWrongSecret_IsRefusedAlike()
    {
        JoinToken token = _identity.Token();
        EnrollRequest wrong = TestJoiner.Number(1).Request(token);
        wrong.TokenSecret = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(JoinToken.SecretBytes));
        Assert.Equal(EnrollmentRefusal.UnknownToken, _identity.Enroll(wrong));
        Assert.Equal(EnrollmentRefusal.UnknownToken, _identity.Enroll(JoinToken.Draw(new byte[32]), TestJoiner.Number(1)));
        Assert.Empty(_identity.Files.ListFiles(TestIdentity.Uses));
    }

    [Theory]
    [InlineData("../../FORMAT")]
    [InlineData("0123456789abcde/")]
    [InlineData("")]
    public void Enroll_TokenIdThatIsNone_NeverBecomesAPath(string id)
    {
        EnrollRequest request = TestJoiner.Number(1).Request(_identity.Token());
        request.TokenId = id;
        Assert.Equal(EnrollmentRefusal.UnknownToken, _identity.Enroll(request));
    }

    [Fact]
    public void Enroll_ExpiredToken_IsRefused()
    {
        JoinToken token = _identity.Token();
        _identity.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(EnrollmentRefusal.ExpiredToken, _identity.Enroll(token, TestJoiner.Number(1)));
    }

    [Fact]
    public void Enroll_RevokedToken_IsRefused_AndAgentsThatJoinedWithItStay()
    {
        JoinToken token = _identity.Token(uses: 2);
        TestJoiner first = TestJoiner.Number(1);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, first));
        Assert.True(_identity.Server.Directory.RevokeToken(token.Id));
        Assert.Equal(EnrollmentRefusal.RevokedToken, _identity.Enroll(token, TestJoiner.Number(2)));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(first));
    }

    [Fact]
    public void Enroll_UsedToken_LetsInNobodyElse_ButTheSameAgentAndKeyAgain()
    {
        JoinToken token = _identity.Token();
        TestJoiner joiner = TestJoiner.Number(1);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, joiner));
        Assert.Equal(EnrollmentRefusal.UsedUpToken, _identity.Enroll(token, TestJoiner.Number(2)));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, joiner));
        _identity.Restart();
        Assert.Equal(EnrollmentRefusal.UsedUpToken, _identity.Enroll(token, TestJoiner.Number(2)));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, joiner));
        Assert.Equal(1, Assert.Single(_identity.Server.Directory.Tokens()).Used);
    }

    [Fact]
    public void Enroll_TokenForThree_LetsInThree()
    {
        JoinToken token = _identity.Token(uses: 3);
        for (ulong i = 1; i <= 3; i++) Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, TestJoiner.Number(i)));
        Assert.Equal(EnrollmentRefusal.UsedUpToken, _identity.Enroll(token, TestJoiner.Number(4)));
    }

    [Fact]
    public void Enroll_SigningRequestOfAnother_OrBroken_IsRefusedAndUsesNothing()
    {
        JoinToken token = _identity.Token();
        TestJoiner joiner = TestJoiner.Number(1), other = TestJoiner.Number(2);
        byte[] forged = joiner.SigningRequest();
        forged[^1] ^= 1;
        byte[][] bad =
        [
            [], [1, 2, 3], forged, [.. joiner.SigningRequest(), 0], new byte[5000],
            other.SigningRequest(), // replayed for another agent id
            joiner.SigningRequest("CN=somebody"),
            new TestJoiner(joiner.Agent, ECCurve.NamedCurves.nistP384).SigningRequest(),
            RsaRequest($"CN={joiner.Agent}"),
        ];
        foreach (byte[] request in bad) Assert.Equal(EnrollmentRefusal.BadSigningRequest, _identity.Enroll(joiner.Request(token, request)));
        Assert.Empty(_identity.Files.ListFiles(TestIdentity.Uses));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, joiner));
    }

    [Fact]
    public void Enroll_AgentIdOfAnotherKeyOrTenant_IsRefused()
    {
        TestJoiner joiner = TestJoiner.Number(1);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(), joiner));
        Assert.Equal(EnrollmentRefusal.OtherKey, _identity.Enroll(_identity.Token(), TestJoiner.Number(1)));
        Assert.Equal(EnrollmentRefusal.OtherTenant, _identity.Enroll(_identity.Token(tenant: "other"), joiner));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(), joiner));
    }

    [Fact]
    public void Enroll_RevokedAgent_StaysOutWhateverItsToken()
    {
        TestJoiner joiner = TestJoiner.Number(1);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(), joiner));
        Assert.True(_identity.Server.Directory.RevokeAgent(joiner.Agent));
        Assert.Equal(EnrollmentRefusal.RevokedAgent, _identity.Enroll(_identity.Token(), joiner));
        Assert.Equal(EnrollmentRefusal.RevokedAgent, _identity.Renew(joiner));
    }

    [Fact]
    public void Enroll_KilledBetweenAnyTwoSteps_IsOneUseAndOneBindingWhenAskedAgain()
    {
        int steps = 0;
        for (int crashAt = 1; crashAt <= steps || steps == 0; crashAt++)
        {
            using var identity = new TestIdentity();
            JoinToken token = identity.Token();
            TestJoiner joiner = TestJoiner.Number(1);
            int before = identity.Files.Steps;
            identity.Files.CrashAtStep = before + crashAt;
            EnrollmentRefusal? refusal = null;
            try
            {
                refusal = identity.Enroll(token, joiner);
            }
            catch (IOException)
            {
                // The process is dead.
            }

            if (steps == 0 && refusal is not null) break;
            if (refusal is not null)
            {
                Assert.Equal(EnrollmentRefusal.None, refusal);
                steps = crashAt;
            }

            identity.Files.Crash(new Random(crashAt));
            identity.Restart();
            Assert.Equal(EnrollmentRefusal.None, identity.Enroll(token, joiner));
            Assert.Equal(EnrollmentRefusal.UsedUpToken, identity.Enroll(token, TestJoiner.Number(2)));
            Assert.Single(identity.Server.Directory.Agents());
            if (refusal is null) steps = crashAt + 1;
        }

        Assert.True(steps > 8, $"only {steps} steps were cut");
    }

    [Fact]
    public void Open_DeletesTokensThatEndedLongAgo_AndTheirUses()
    {
        JoinToken old = _identity.Token();
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(old, TestJoiner.Number(1)));
        _identity.Time.Advance(TimeSpan.FromDays(92));
        JoinToken young = _identity.Token();
        _identity.Restart();
        Assert.Equal([young.Id], _identity.Server.Directory.Tokens().Select(static token => token.Token.Id));
        Assert.Empty(_identity.Files.ListFiles(TestIdentity.Uses));
        Assert.Single(_identity.Server.Directory.Agents());
    }

    [Fact]
    public void Open_DamagedToken_IsNamed()
    {
        JoinToken token = _identity.Token();
        string path = $"{TestIdentity.Directory}/tokens/{token.Id}";
        byte[] content = _identity.Files.Read(path);
        content[30] ^= 1;
        _identity.Files.Overwrite(path, content);
        IdentityException error = Assert.Throws<IdentityException>(() => _identity.Enroll(token, TestJoiner.Number(1)));
        Assert.Equal(path, error.Path);
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
    }

    private static byte[] RsaRequest(string subject)
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest();
    }
}
