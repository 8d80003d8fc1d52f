using System.Security.Cryptography;
using Google.Protobuf;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;

namespace Weir.Gateway.Tests.Identity;

/// <summary>Which copy of a machine is given a certificate of its own.</summary>
public sealed class SplitTests : IDisposable
{
    private readonly TestIdentity _identity = new();
    private readonly TestJoiner _original = TestJoiner.Number(1);
    private readonly TestJoiner _copy = TestJoiner.Number(2);

    public SplitTests() => Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "acme"), _original));

    public void Dispose() => _identity.Dispose();

    [Fact]
    public void Split_ByProofOfTheCopiedKey_GivesACertificateForTheNewIdAndKeyThatNamesTheIdBefore()
    {
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        Assert.Equal(("acme", _copy.Agent.ToString()), CertificateNames.AgentOf(_copy.Certificate));
        Assert.Equal([_original.Agent.ToString()], CertificateNames.FormerOf(_copy.Certificate));
        Assert.Equal(_copy.Key.ExportSubjectPublicKeyInfo(), _copy.Certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.Equal(_original.Agent, Find(_copy)!.From);
        AgentPeer peer = _identity.Server.Desk.PeerOf(_copy.Certificate)!;
        Assert.True(peer.SpeaksFor(_original.Agent) && peer.SpeaksFor(_copy.Agent) && !peer.SpeaksFor(new AgentId(1, 3)));
        // The original is as it was.
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_original));
        Assert.Empty(CertificateNames.FormerOf(_original.Certificate));
    }

    [Fact]
    public void Split_OfACopy_NamesBothBefore_AndSoDoRenewalsAndAToken()
    {
        TestJoiner second = TestJoiner.Number(3);
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_copy, second));
        string[] former = [_original.Agent.ToString(), _copy.Agent.ToString()];
        Assert.Equal(former, CertificateNames.FormerOf(second.Certificate));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(second));
        Assert.Equal(former, CertificateNames.FormerOf(second.Certificate));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "acme"), second));
        Assert.Equal(former, CertificateNames.FormerOf(second.Certificate));
    }

    [Fact]
    public void Split_Repeated_IsTheSameSplit_AndReplayed_IsRefused()
    {
        SplitRequest request = _original.Split(_identity.Server.Desk.Challenge(), _copy);
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(request));
        Assert.Equal(EnrollmentRefusal.BadNonce, _identity.Split(request));
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        _identity.Restart();
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        Assert.Equal(2, _identity.Server.Directory.Agents().Count());
    }

    [Fact]
    public void Split_WithoutTheKey_OrWithTheProofOfAnotherRequest_IsRefusedAndWritesNothing()
    {
        byte[] nonce = _identity.Server.Desk.Challenge();
        using ECDsa thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Split(_original.Split(nonce, _copy, by: thief)));
        // Whoever stands between may neither put in an id or a key of its own, nor use what was signed for a renewal.
        TestJoiner other = TestJoiner.Number(3);
        SplitRequest changed = _original.Split(nonce, _copy);
        changed.AgentId = TestJoiner.AgentBytes(other.Agent);
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Split(changed));
        changed = _original.Split(nonce, _copy);
        changed.SigningRequest = ByteString.CopyFrom(new TestJoiner(_copy.Agent).SigningRequest());
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Split(changed));
        changed = _original.Split(nonce, _copy);
        changed.Proof = _original.Renewal(nonce).Proof;
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Split(changed));
        RenewRequest renewal = _original.Renewal(nonce);
        renewal.Proof = _original.Split(nonce, _copy).Proof;
        Assert.Equal(EnrollmentRefusal.BadProof, _identity.Renew(renewal));
        Assert.Single(_identity.Server.Directory.Agents());
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original.Split(nonce, _copy)));
    }

    [Fact]
    public void Split_ToItself_WithTheOldKey_OrABrokenSigningRequest_IsRefused()
    {
        Assert.Equal(EnrollmentRefusal.BadRequest, _identity.Split(_original, new TestJoiner(_original.Agent)));
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        Assert.Equal(EnrollmentRefusal.BadRequest, _identity.Split(_copy, new TestJoiner(_original.Agent)));
        Assert.Equal(EnrollmentRefusal.BadRequest, _identity.Split(_original, new TestJoiner(default)));
        TestJoiner next = TestJoiner.Number(3);
        byte[] oldKey = _original.SigningRequest($"CN={next.Agent}");
        foreach (byte[] bad in (byte[][])[[], [1, 2, 3], _copy.SigningRequest(), oldKey])
            Assert.Equal(EnrollmentRefusal.BadSigningRequest, _identity.Split(_original.Split(_identity.Server.Desk.Challenge(), next, bad)));
        Assert.Null(Find(next));
    }

    [Fact]
    public void Split_ToAnIdOfAnotherKeyOrTenant_IsRefused()
    {
        TestJoiner foreign = TestJoiner.Number(3);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "other"), foreign));
        Assert.Equal(EnrollmentRefusal.OtherTenant, _identity.Split(_original, foreign));
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        Assert.Equal(EnrollmentRefusal.OtherKey, _identity.Split(_original, new TestJoiner(_copy.Agent)));
    }

    [Fact]
    public void Split_OfARevokedAgent_OrToOne_IsRefused_AndItsCopiesStay()
    {
        TestJoiner late = TestJoiner.Number(3);
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        Assert.True(_identity.Server.Directory.RevokeAgent(_original.Agent));
        Assert.Equal(EnrollmentRefusal.RevokedAgent, _identity.Split(_original, late));
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_copy));
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_copy, late));
        Assert.True(_identity.Server.Directory.RevokeAgent(late.Agent));
        Assert.Equal(EnrollmentRefusal.RevokedAgent, _identity.Split(_copy, late));
    }

    [Fact]
    public void Split_WithAnExpiredCertificate_IsGoodForThirtyDaysAndNoLonger()
    {
        _identity.Time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromDays(30));
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_original, _copy));
        _identity.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(EnrollmentRefusal.TooLate, _identity.Split(_original, TestJoiner.Number(3)));
    }

    [Fact]
    public void Split_MoreCopiesThanThereMayBe_OrGenerations_IsRefused_AndATokenLetsThemIn()
    {
        using var identity = new TestIdentity(new IdentityOptions { MaxCopies = 2 });
        TestJoiner original = TestJoiner.Number(1), first = TestJoiner.Number(2), second = TestJoiner.Number(3), third = TestJoiner.Number(4);
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), original));
        Assert.Equal(EnrollmentRefusal.None, identity.Split(original, first));
        // A copy's copy counts for the original too, or one key would make any number.
        Assert.Equal(EnrollmentRefusal.None, identity.Split(first, second));
        foreach (TestJoiner from in (TestJoiner[])[original, first, second]) Assert.Equal(EnrollmentRefusal.TooManyCopies, identity.Split(from, third));
        Assert.Equal(EnrollmentRefusal.None, identity.Split(original, first));
        identity.Restart();
        Assert.Equal(EnrollmentRefusal.TooManyCopies, identity.Split(original, third));
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), third));
        Assert.Equal(EnrollmentRefusal.None, identity.Split(third, TestJoiner.Number(5)));

        TestJoiner newest = _original;
        for (ulong i = 1; i <= CertificateNames.MaxFormer; i++)
        {
            TestJoiner next = TestJoiner.Number(10 + i);
            Assert.Equal(EnrollmentRefusal.None, _identity.Split(newest, next));
            newest = next;
        }

        Assert.Equal(EnrollmentRefusal.TooManyCopies, _identity.Split(newest, TestJoiner.Number(20)));
    }

    [Fact]
    public void Split_ToAnIdThatARestoredServerHasForgotten_IsRefusedWhileItHasAStream_AndOnceItHasRenewed()
    {
        using var identity = new TestIdentity(new IdentityOptions { MaxCopies = 1 });
        TestJoiner thief = TestJoiner.Number(9);
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), thief));
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), _original));
        Assert.Equal(EnrollmentRefusal.None, identity.Split(_original, _copy));
        foreach (TestJoiner forgotten in (TestJoiner[])[_original, _copy]) identity.Files.Delete($"{TestIdentity.Agents}/{forgotten.Agent}");
        identity.Restart();
        foreach (TestJoiner forgotten in (TestJoiner[])[_original, _copy])
        {
            using (identity.Server.Streams.Add(identity.Server.Desk.PeerOf(forgotten.Certificate)!, new CancellationTokenSource()))
                Assert.Equal(EnrollmentRefusal.OtherKey, identity.Split(thief, new TestJoiner(forgotten.Agent)));
            Assert.Equal(EnrollmentRefusal.None, identity.Renew(forgotten));
            Assert.Equal(EnrollmentRefusal.OtherKey, identity.Split(thief, new TestJoiner(forgotten.Agent)));
        }

        // As it was before: which is a copy, and how many there are.
        AgentInfo known = identity.Server.Directory.Agents().Single(agent => agent.Agent == _copy.Agent);
        Assert.Equal((_original.Agent, "default"), (known.From, known.Tenant));
        Assert.Equal(EnrollmentRefusal.TooManyCopies, identity.Split(_original, TestJoiner.Number(3)));
        Assert.Equal(EnrollmentRefusal.None, identity.Split(thief, TestJoiner.Number(3)));
    }

    [Fact]
    public void Split_WhereTheFileOfAnAgentIsDamaged_IsSplitAllTheSame_AndTheOthersCount()
    {
        using var identity = new TestIdentity(new IdentityOptions { MaxCopies = 2 });
        TestJoiner original = TestJoiner.Number(1), bystander = TestJoiner.Number(9);
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), original));
        Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), bystander));
        Assert.Equal(EnrollmentRefusal.None, identity.Split(original, TestJoiner.Number(2)));
        identity.Files.Replace(TestIdentity.Agents, bystander.Agent.ToString(), "weir-agent-joined 1\ncrc 00000000\n"u8);
        identity.Restart();
        Assert.Equal(EnrollmentRefusal.None, identity.Split(original, TestJoiner.Number(3)));
        Assert.Equal(EnrollmentRefusal.TooManyCopies, identity.Split(original, TestJoiner.Number(4)));
    }

    [Fact]
    public void Split_KilledBetweenAnyTwoSteps_IsOneBindingWhenAskedAgain()
    {
        bool isOver = false;
        int crashAt = 0;
        while (!isOver)
        {
            using var identity = new TestIdentity();
            TestJoiner original = TestJoiner.Number(1), copy = TestJoiner.Number(2);
            Assert.Equal(EnrollmentRefusal.None, identity.Enroll(identity.Token(), original));
            identity.Files.CrashAtStep = identity.Files.Steps + ++crashAt;
            try
            {
                isOver = identity.Split(original, copy) == EnrollmentRefusal.None && !identity.Files.HasStopped;
            }
            catch (IOException)
            {
                // The process is dead.
            }

            identity.Files.Crash(new Random(crashAt));
            identity.Restart();
            Assert.Equal(EnrollmentRefusal.None, identity.Split(original, copy));
            Assert.Equal(EnrollmentRefusal.OtherKey, identity.Split(original, TestJoiner.Number(2)));
            Assert.Equal(2, identity.Server.Directory.Agents().Count());
        }

        Assert.True(crashAt > 5, $"only {crashAt} steps were cut");
    }

    private AgentInfo? Find(TestJoiner joiner) => _identity.Server.Directory.Agents().FirstOrDefault(agent => agent.Agent == joiner.Agent);
}
