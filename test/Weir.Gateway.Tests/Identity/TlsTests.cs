using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Frames;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Gateway.Tests.Identity;

/// <summary>Real listeners with TLS: who gets through the handshake, who gets a stream, and how it ends.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const long T0 = 1_700_000_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TestIdentity _identity = new(new IdentityOptions());
    private readonly TestAgent _agent = new(1);
    private readonly TestJoiner _joiner;
    private GatewayFixture _fixture = null!;

    public TlsTests() => _joiner = new TestJoiner(_agent.Id);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Uri Gateway => _fixture.Addresses[0];

    public async ValueTask InitializeAsync()
    {
        _fixture = await GatewayFixture.StartAsync(null, _identity.Time, _identity.Server);
        using GrpcChannel channel = Channel(_fixture.Enrollment!, token: _identity.Token(tenant: "acme"), out JoinToken token);
        _joiner.Take(await new Enrollment.EnrollmentClient(channel).EnrollAsync(_joiner.Request(token), cancellationToken: Cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _identity.Dispose();
    }

    [Fact]
    public async Task Stream_OfAnAgentThatJoined_BringsEntriesUnderTheTenantOfItsCertificate()
    {
        using TestStream stream = await ConnectAsync();
        await stream.DeliverAsync(_agent, [_agent.EpochStart(T0)], Cancellation);
        Assert.True(RecordIndex.TryOpen(Assert.Single(_fixture.Log.Records).Index, out RecordIndex rows));
        Assert.Equal(("acme", _agent.Id), (rows.Header.Tenant, rows.Header.AgentId));
    }

    [Fact]
    public async Task Stream_ThatNamesAnotherAgent_IsRefused_AndABatchThatDoes_IsRejected()
    {
        var other = new TestAgent(2);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => TestStream.ConnectAsync(Gateway, other.Id, Cancellation, tls: _joiner.Tls(_identity.Time)));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        Assert.Contains($"the certificate agent {_agent.Id}", refused.Status.Detail, StringComparison.Ordinal);
        using TestStream stream = await ConnectAsync();
        await stream.SendAsync(other, [other.EpochStart(T0)], Cancellation);
        Assert.Equal(RejectReason.ForgedName, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject.Reason);
        Assert.Empty(_fixture.Log.Records);
    }

    [Fact]
    public async Task Stream_OfACopy_BringsEntriesOfTheIdsThatItsCertificateNames_AndOfNoOthers()
    {
        var copy = new TestAgent(2);
        var joiner = new TestJoiner(copy.Id);
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_joiner, joiner));
        using (TestStream stream = await ConnectAsync(joiner, _agent.Id))
        {
            await stream.DeliverAsync(copy, [copy.EpochStart(T0)], Cancellation);
            await stream.DeliverAsync(_agent, [_agent.EpochStart(T0)], Cancellation);
        }

        Assert.Equal(
            [("acme", copy.Id), ("acme", _agent.Id)],
            _fixture.Log.Records.Select(static record => RecordIndex.TryOpen(record.Index, out RecordIndex rows) ? (rows.Header.Tenant, rows.Header.AgentId) : default));
        // The original was never the copy, and neither of them anybody else.
        foreach ((TestJoiner who, AgentId former) in ((TestJoiner, AgentId)[])[(_joiner, copy.Id), (joiner, new AgentId(9, 9))])
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => ConnectAsync(who, former));
            Assert.Equal((StatusCode.PermissionDenied, $"Hello names former agent ids that the certificate of agent {who.Agent} does not"), (refused.StatusCode, refused.Status.Detail));
        }
    }

    [Fact]
    public async Task Chunk_OfAFormerId_IsTakenFromWhoseCertificateNamesIt_AndFromNobodyElse()
    {
        var copy = new TestJoiner(new AgentId(9, 9));
        TestJoiner stranger = TestJoiner.Number(5);
        Assert.Equal(EnrollmentRefusal.None, _identity.Split(_joiner, copy));
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "acme"), stranger));
        Answers answers = await TakeAsync(copy);
        Assert.Equal(Answer.KindOneofCase.Ack, Assert.Single(answers.Answers_).KindCase);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(() => TakeAsync(stranger))).StatusCode);
        Assert.Single(_fixture.Log.Records);
    }

    [Fact]
    public async Task Handshake_WithoutACertificate_OrWithOneOfAnotherAuthority_Fails()
    {
        using var other = new TestIdentity();
        var foreign = new TestJoiner(_agent.Id);
        Assert.Equal(EnrollmentRefusal.None, other.Enroll(other.Token(tenant: "acme"), foreign));
        await AssertNoStreamAsync(_joiner.Tls(_identity.Time, foreign.Certificate));
        SslClientAuthenticationOptions none = _joiner.Tls(_identity.Time);
        none.ClientCertificateContext = null;
        await AssertNoStreamAsync(none);
        // A gateway's certificate is no agent's, though of the right authority.
        await AssertNoStreamAsync(_joiner.Tls(_identity.Time, _identity.Server.EnrollmentTls().ServerCertificateContext!.TargetCertificate));
        (await ConnectAsync()).Dispose();
    }

    [Fact]
    public async Task Stream_WithAnExpiredCertificate_IsToldSo()
    {
        _identity.Time.Advance(TimeSpan.FromHours(24));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(ConnectAsync);
        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        Assert.Contains("has expired", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_IsDrainedBeforeItsCertificateExpires_AndEndsWhenItDoes()
    {
        _identity.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(42));
        using TestStream stream = await ConnectAsync();
        using TestStream renewed = await ConnectAsync(Renewed());
        _identity.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ToAgent.MessageOneofCase.Drain, (await stream.ReadAsync(Cancellation).WaitAsync(Patience, Cancellation)).MessageCase);
        await AssertServedAsync(stream);
        _identity.Time.Advance(TimeSpan.FromSeconds(38));
        RpcException ended = await AssertEndsAsync(stream);
        Assert.True(TestStream.IsDrainedEnd(ended, StatusCode.Unauthenticated), ended.ToString());
        // The next certificate carries on where the one before ended.
        await AssertServedAsync(renewed);
    }

    [Fact]
    public async Task Stream_OfAnAgentThatIsRevoked_EndsWithinSeconds_AndNoOtherBegins()
    {
        using TestStream stream = await ConnectAsync();
        await AssertServedAsync(stream);
        Assert.True(_identity.Server.Directory.RevokeAgent(_agent.Id));
        _identity.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(StatusCode.PermissionDenied, (await AssertEndsAsync(stream)).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await Assert.ThrowsAsync<RpcException>(ConnectAsync)).StatusCode);
    }

    [Fact]
    public async Task Post_OfAnotherAgentsSession_OrWithAnExpiredCertificate_IsRefused()
    {
        TestJoiner other = TestJoiner.Number(2);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "acme"), other));
        using HttpClient own = Http(_joiner), foreign = Http(other);
        var hello = new ToGateway { Hello = new Hello { ProtocolMin = 1, ProtocolMax = 1, AgentId = TestJoiner.AgentBytes(_agent.Id), AgentVersion = "test" } };
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(foreign, 'b', hello));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(own, 'a', hello));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(foreign, 'a', new ToGateway { Heartbeat = new Heartbeat() }));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(own, 'a', new ToGateway { Heartbeat = new Heartbeat() }));
        _identity.Time.Advance(TimeSpan.FromHours(24));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(own, 'a', new ToGateway { Heartbeat = new Heartbeat() }));
    }

    [Fact]
    public async Task Listeners_ServeOnlyWhatTheyAreFor()
    {
        using GrpcChannel gateway = GrpcChannel.ForAddress(Gateway, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = _joiner.Tls(_identity.Time) }, DisposeHttpClient = true });
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => new Enrollment.EnrollmentClient(gateway).ChallengeAsync(new ChallengeRequest(), cancellationToken: Cancellation).ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        refused = await Assert.ThrowsAsync<RpcException>(() => TestStream.ConnectAsync(_fixture.Enrollment!, _agent.Id, Cancellation, tls: _joiner.Tls(_identity.Time)));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
    }

    [Fact]
    public async Task Enrollment_AnswersEachRefusalPrecisely_AndBoundsItsRequests()
    {
        using GrpcChannel channel = Channel(_fixture.Enrollment!, _identity.Token(), out JoinToken token);
        var client = new Enrollment.EnrollmentClient(channel);
        TestJoiner joiner = TestJoiner.Number(9);
        await client.EnrollAsync(joiner.Request(token), cancellationToken: Cancellation);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => client.EnrollAsync(TestJoiner.Number(10).Request(token), cancellationToken: Cancellation).ResponseAsync);
        Assert.Equal((StatusCode.Unauthenticated, true), (refused.StatusCode, refused.Status.Detail.StartsWith("the join token is used up", StringComparison.Ordinal)));
        RpcException tooLarge = await Assert.ThrowsAsync<RpcException>(() => client.EnrollAsync(joiner.Request(token, new byte[20_000]), cancellationToken: Cancellation).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, tooLarge.StatusCode);
        for (int i = 0; i < 16; i++) Assert.True(_identity.Server.TryBeginRequest());
        RpcException busy = await Assert.ThrowsAsync<RpcException>(() => client.EnrollAsync(joiner.Request(token), cancellationToken: Cancellation).ResponseAsync);
        Assert.Equal((StatusCode.ResourceExhausted, "too many requests at a time: come again"), (busy.StatusCode, busy.Status.Detail));
        for (int i = 0; i < 16; i++) _identity.Server.EndRequest();
        await client.EnrollAsync(joiner.Request(token), cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Handshake_OfAnOlderVersion_IsAnsweredByAnAlert()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Gateway.Port, Cancellation);
        // ClientHello of TLS 1.1 with suites that every TLS 1.1 server has.
        byte[] hello = [3, 2, .. new byte[32], 0, 0, 6, 0xC0, 0x09, 0xC0, 0x13, 0x00, 0x2F, 1, 0];
        byte[] record = [22, 3, 1, 0, (byte)(hello.Length + 4), 1, 0, 0, (byte)hello.Length, .. hello];
        await client.GetStream().WriteAsync(record, Cancellation);
        var answer = new byte[7];
        await client.GetStream().ReadExactlyAsync(answer, Cancellation);
        Assert.Equal((21, 2, 70), (answer[0], answer[5], answer[6])); // alert, fatal, protocol_version
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)] // no authenticated cipher
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    public async Task Handshake_OfVersion12_NeedsAnAuthenticatedCipherWithForwardSecrecy(TlsCipherSuite suite, bool expected)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows chooses suites by the policy of the system");
            return;
        }

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Gateway.Port, Cancellation);
        await using var tls = new SslStream(client.GetStream());
        SslClientAuthenticationOptions options = _joiner.Tls(_identity.Time);
        options.EnabledSslProtocols = SslProtocols.Tls12;
        options.CipherSuitesPolicy = new CipherSuitesPolicy([suite]);
        options.TargetHost = "localhost";
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        Exception? failure = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync(options, Cancellation));
        Assert.Equal(expected, failure is null);
        if (!expected) Assert.True(failure is AuthenticationException or IOException, failure!.ToString());
    }

    private HttpClient Http(TestJoiner joiner) => new(new SocketsHttpHandler { SslOptions = joiner.Tls(_identity.Time) }) { BaseAddress = Gateway };

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, char session, ToGateway message)
    {
        using var body = new MemoryStream();
        message.WriteDelimitedTo(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/weir.v1.Intake/Post") 
        {
            Content = new ByteArrayContent(body.ToArray()),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Add("weir-session", new string(session, 32));
        using HttpResponseMessage response = await client.SendAsync(request, Cancellation).WaitAsync(Patience, Cancellation);
        return response.StatusCode;
    }

    private Task<TestStream> ConnectAsync() => ConnectAsync(_joiner.Certificate);

    private Task<TestStream> ConnectAsync(X509Certificate2 certificate) =>
        TestStream.ConnectAsync(Gateway, _agent.Id, Cancellation, tls: _joiner.Tls(_identity.Time, certificate));

    private Task<TestStream> ConnectAsync(TestJoiner joiner, AgentId former) => TestStream.ConnectAsync(
        Gateway, joiner.Agent, Cancellation, tls: joiner.Tls(_identity.Time), say: hello => hello.FormerAgentIds.Add(TestJoiner.AgentBytes(former)));

    // A chunk of the first agent's, over the connection of another.
    private async Task<Answers> TakeAsync(TestJoiner by)
    {
        using GrpcChannel channel = GrpcChannel.ForAddress(Gateway, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = by.Tls(_identity.Time) }, DisposeHttpClient = true });
        var run = new ByteWriter();
        EntryRun.Append(run, _agent.EpochStart(T0));
        var chunk = new Batch { AgentId = TestJoiner.AgentBytes(_agent.Id), Epoch = _agent.Epoch, StartNumber = 1, Class = EntryClass.Backfill, Entries = ByteString.CopyFrom(run.Written) };
        return await new Backfill.BackfillClient(channel).TakeAsync(chunk, cancellationToken: Cancellation);
    }

    private X509Certificate2 Renewed()
    {
        X509Certificate2 before = _joiner.Certificate;
        Assert.Equal(EnrollmentRefusal.None, _identity.Renew(_joiner));
        Assert.NotEqual(before.SerialNumber, _joiner.Certificate.SerialNumber);
        return _joiner.Certificate;
    }

    private async Task AssertNoStreamAsync(SslClientAuthenticationOptions tls)
    {
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => TestStream.ConnectAsync(Gateway, _agent.Id, Cancellation, tls: tls));
        // TLS 1.3 lets a client write before it hears that it is refused: then it meets a broken pipe.
        Assert.True(failure is IOException or RpcException { StatusCode: StatusCode.Unavailable or StatusCode.Internal }, failure.ToString());
        Assert.Equal(0, _fixture.Gateways[0].Streams);
    }

    private static async Task AssertServedAsync(TestStream stream)
    {
        await stream.SendAsync(new ToGateway { Heartbeat = new Heartbeat() }, Cancellation);
        Assert.Equal(ToAgent.MessageOneofCase.Answers, (await stream.ReadAsync(Cancellation).WaitAsync(Patience, Cancellation)).MessageCase);
    }

    private static async Task<RpcException> AssertEndsAsync(TestStream stream) =>
        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true) await stream.ReadAsync(Cancellation).WaitAsync(Patience, Cancellation);
        });

    private GrpcChannel Channel(Uri address, JoinToken token, out JoinToken given)
    {
        given = token;
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                SslOptions = new SslClientAuthenticationOptions
                {
                    RemoteCertificateValidationCallback = (_, shown, _, _) =>
                        CertificateTrust.IsGateway((X509Certificate2)shown!, token.Pin, _identity.Time.GetUtcNow()),
                },
            },
        });
    }
}
