using System.Security.Cryptography;
using Google.Protobuf;
using Weir.Gateway.Identity;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;

namespace Weir.Gateway.Tests.Identity;

/// <summary>Who gets the next certificate, and how authorities follow one another.</summary>
public sealed class RenewalTests : IDisposable
{
    private readonly TestIdentity _identity = new();
    private readonly TestJoiner _joiner = TestJoiner.Number(1);

    public RenewalTests() => Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(), _joiner));

    public void Dispose() => _identity.Dispose();

    [Fact]
    public void Renew_ByProofOfTheKey_GivesAFreshCertificateForTheSameAgentAndKey()
    {
        string serial = _joiner.Certificate.SerialNumber;
        _identity.Time.Advance(TimeSpan.FromHours(16));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_joiner));
        Assert.NotEqual(serial, _joiner.Certificate.SerialNumber);
        Assert.Equal(_identity.Time.GetUtcNow() + TimeSpan.FromHours(24), _joiner.Certificate.NotAfter);
        Assert.Equal(("default", _joiner.Agent.ToString()), CertificateNames.AgentOf(_joiner.Certificate));
    }

    [Fact]
    public void Renew_Replayed_IsRefused()
    {
        RenewRequest request = _joiner.Renewal(_identity.Server.Desk.Challenge());
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(request));
        Assert.Equal(EnrollmentRefusal.BadNonce, _identity.Renew(request));
    }

    [Fact]
    public void Renew_NonceTooOld_OfAnotherServer_OrMadeUp_IsRefused()
    {
        RenewRequest old = _joiner.Renewal(_identity.Server.Desk.Challenge());
        _identity.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(EnrollmentRefusal.BadNonce, _identity.Renew(old));
        using var other = new TestIdentity();
        Assert.Equal(EnrollmentRefusal.BadNonce, _identity.Renew(_joiner.Renewal(other.Server.Desk.Challenge())));
        byte[] changed = _identity.Server.Desk.Challenge();
        changed[0] ^= 1;
        Assert.Equal(EnrollmentRefusal.BadNonce, _identity.Renew(_joiner.Renewal(changed)));
        Assert.Equal(EnrollmentRefusal.BadNonce, _identity.Renew(_joiner.Renewal([])));
    }

    [Fact]
    public void Renew_WithoutTheKey_IsRefused_AndLeavesTheNonce()
    {
        byte[] nonce = _identity.Server.Desk.Challenge();
        using ECDsa thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Renew(_joiner.Renewal(nonce, thief)));
        RenewRequest empty = _joiner.Renewal(nonce);
        empty.Proof = ByteString.Empty;
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Renew(empty));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_joiner.Renewal(nonce)));
    }

    [Fact]
    public void Renew_CertificateOfAnotherAuthority_OrOfAGateway_IsRefused()
    {
        using var other = new TestIdentity();
        TestJoiner foreign = TestJoiner.Number(1);
        Assert.Equal(EnrollmentRefusal.None, other.Enroll(other.Token(), foreign));
        Assert.Equal(EnrollmentRefusal.ForeignCertificate, _identity.Renew(foreign));
        RenewRequest gateways = _joiner.Renewal(_identity.Server.Desk.Challenge());
        gateways.Certificate = ByteString.CopyFrom(_identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate.RawData);
        Assert.Equal(EnrollmentRefusal.ForeignCertificate, _identity.Renew(gateways));
        gateways.Certificate = ByteString.CopyFrom([1, 2, 3]);
        Assert.Equal(EnrollmentRefusal.ForeignCertificate, _identity.Renew(gateways));
    }

    [Fact]
    public void Renew_ExpiredCertificate_IsGoodForThirtyDaysAndNoLonger()
    {
        _identity.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromDays(30));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_joiner));
        _identity.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1));
        Assert.Equal(EnrollmentRefusal.TooLate, _identity.Renew(_joiner));
        // A token opens the door again, to the same agent and key.
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(), _joiner));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_joiner));
    }

    [Fact]
    public void Renew_WithoutTheListOfAgents_StillWorks()
    {
        // A server restored from a copy that is older than the agent: its authority is what counts.
        _identity.Files.Delete($"{TestIdentity.Agents}/{_joiner.Agent}");
        _identity.Restart();
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_joiner));
    }

    [Fact]
    public void Renew_MoreNoncesThanAreRemembered_IsAskedToComeAgain()
    {
        using var identity = new TestIdentity(new IdentityOptions { MaxUsedNonces = 2 });
        TestJoiner joiner = TestJoiner.Number(1);
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), joiner));
        Assert.Equal(EnrollmentRefusal.None, identity.Renew(joiner));
        Assert.Equal(EnrollmentRefusal.None, identity.Renew(joiner));
        Assert.Equal(EnrollmentRefusal.Busy, identity.Renew(joiner));
        identity.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(EnrollmentRefusal.None, identity.Renew(joiner));
    }

    [Fact]
    public void Authorities_Rotated_IssueAtOnce_AreShownWhenAllHaveHeard_AndTheOldAreBelieved()
    {
        TestJoiner old = _joiner, fresh = TestJoiner.Number(2);
        string first = Shown();
        _identity.Server.Directory.RotateAuthority();
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(), fresh));
        Assert.Equal(2, fresh.Authorities.Count);
        Assert.NotEqual(old.Certificate.Issuer, fresh.Certificate.Issuer);
        // Who has not heard still knows the gateway, and is known to it.
        Assert.Equal(first, Shown());
        Assert.NotNull(_identity.Server.Desk.PeerOf(old.Certificate));
        Assert.Single(old.Authorities);

        _identity.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(old));
        Assert.Equal(2, old.Authorities.Count);
        Assert.Equal(first, Shown());
        _identity.Time.Advance(TimeSpan.FromDays(5));
        Assert.Equal(fresh.Certificate.Issuer, Shown());
        _identity.Restart();
        Assert.Equal(fresh.Certificate.Issuer, Shown());
    }

    [Fact]
    public void Authorities_GetASuccessorByThemselvesBeforeTheyEnd()
    {
        _identity.Time.Advance(TimeSpan.FromDays((5 * 365) - 91));
        Assert.Single(_identity.Server.Directory.ListAuthorities());
        // Looked for by the server's own timer.
        _identity.Time.Advance(TimeSpan.FromDays(2));
        IReadOnlyList<AuthorityInfo> two = _identity.Server.Directory.ListAuthorities();
        Assert.Equal([(1, false, true), (2, true, false)], two.Select(static each => (each.Number, each.Issues, each.Presents)));
        _identity.Time.Advance(TimeSpan.FromDays(35));
        Assert.True(_identity.Server.Directory.ListAuthorities()[1].Presents);
    }

    [Fact]
    public void Authorities_AFileReplaced_IsSeenByTheServerThatRuns()
    {
        string first = Shown(), path = TestIdentity.Directory + "/ca/1.pem";
        DateTimeOffset now = _identity.Time.GetUtcNow();
        _identity.Files.Overwrite(path, CertificateAuthority.Make(1, now.AddDays(-1), TimeSpan.FromDays(1000)));
        _identity.Server.Look();
        Assert.NotEqual(first, Shown());
        Assert.Null(_identity.Server.Desk.PeerOf(_joiner.Certificate));
        Assert.Single(_identity.Server.Directory.ListAuthorities());

        // One that is damaged does not count.
        string second = Shown();
        _identity.Files.Overwrite(path, [1, 2, 3]);
        _identity.Server.Look();
        Assert.Equal(second, Shown());
    }

    [Fact]
    public void Authorities_ThatAreNotGoodYet_GetASuccessorThatIs()
    {
        DateTimeOffset now = _identity.Time.GetUtcNow();
        _identity.Files.Overwrite(TestIdentity.Directory + "/ca/1.pem", CertificateAuthority.Make(1, now.AddDays(400), TimeSpan.FromDays(1000)));
        _identity.Server.Look();
        var shown = _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate;
        Assert.InRange(now, new DateTimeOffset(shown.NotBefore), new DateTimeOffset(shown.NotAfter));
        TestJoiner fresh = TestJoiner.Number(2);
        JoinToken token = _identity.Token();
        Assert.True(CertificateTrust.IsGateway(shown, token.Pin, now));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(token, fresh));
        Assert.InRange(now, new DateTimeOffset(fresh.Certificate.NotBefore), new DateTimeOffset(fresh.Certificate.NotAfter));
        // Once.
        _identity.Server.Look();
        Assert.Equal(2, _identity.Server.Directory.ListAuthorities().Count);
    }

    [Fact]
    public void GatewayCertificate_OfAClockThatWasAhead_IsMadeAnew()
    {
        DateTimeOffset now = _identity.Time.GetUtcNow();
        _identity.Time.AdjustTime(now.AddDays(20));
        Shown();
        _identity.Time.AdjustTime(now);
        var shown = _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate;
        Assert.InRange(now, new DateTimeOffset(shown.NotBefore), new DateTimeOffset(shown.NotAfter));
    }

    [Fact]
    public void GatewayCertificate_RenewsItself_AndIsBelievedByPinAlone()
    {
        var first = _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate;
        byte[] pin = _identity.Token().Pin;
        DateTimeOffset now = _identity.Time.GetUtcNow();
        Assert.True(CertificateTrust.IsGateway(first, pin, now));
        Assert.False(CertificateTrust.IsGateway(first, new byte[32], now));
        Assert.False(CertificateTrust.IsGateway(first, pin, now.AddDays(31)));
        Assert.False(CertificateTrust.IsGateway(first, pin, now.AddDays(-2)));
        Assert.Same(first, _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate);
        _identity.Time.Advance(TimeSpan.FromDays(21));
        Assert.NotEqual(first.SerialNumber, _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate.SerialNumber);
    }

    private string Shown() => _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate.Issuer;
}
