using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Frames;
using Weir.Gateway.Identity;
using Weir.Gateway.Tests.Identity;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Gateway.Tests.Uploads;

/// <summary>Uploads and chunks of backlogs over TLS: the certificate says who it is.</summary>
public sealed class UploadTrustTests : IAsyncLifetime
{
    private const long T0 = 1_700_000_000_000;

    private readonly TestIdentity _identity = new(new IdentityOptions());
    private readonly TestAgent _agent = new(1);
    private readonly TestJoiner _joiner;
    private GatewayFixture _fixture = null!;

    public UploadTrustTests() => _joiner = new TestJoiner(_agent.Id);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _fixture = await GatewayFixture.StartAsync(null, _identity.Time, _identity.Server);
        Assert.Equal(EnrollmentRefusal.None, _identity.Enroll(_identity.Token(tenant: "acme"), _joiner));
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _identity.Dispose();
    }

    [Fact]
    public async Task A_file_is_the_certificates_and_another_name_is_refused()
    {
        Assert.Equal(HttpStatusCode.OK, (await BeginAsync(_agent.Id)).Status);
        (HttpStatusCode status, JsonElement answer) = await BeginAsync(new AgentId(9, 9));
        Assert.Equal((HttpStatusCode.Forbidden, "untrusted"), (status, answer.GetProperty("error").GetString()));
        Assert.True(_identity.Server.Directory.RevokeAgent(_agent.Id));
        _identity.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Forbidden, (await BeginAsync(_agent.Id)).Status);
    }

    [Fact]
    public async Task A_chunk_takes_the_tenant_of_the_certificate_and_another_name_is_refused()
    {
        using var channel = GrpcChannel.ForAddress(_fixture.Addresses[0], new GrpcChannelOptions { DisposeHttpClient = true, HttpHandler = Handler() });
        var client = new Backfill.BackfillClient(channel);
        await client.TakeAsync(ToBatch(_agent.Id), cancellationToken: Cancellation);
        Assert.True(RecordIndex.TryOpen(Assert.Single(_fixture.Log.Records).Index, out RecordIndex rows));
        Assert.Equal(("acme", _agent.Id), (rows.Header.Tenant, rows.Header.AgentId));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await client.TakeAsync(ToBatch(new AgentId(9, 9)), cancellationToken: Cancellation));
        Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> BeginAsync(AgentId agent)
    {
        using var http = new HttpClient(Handler()) { BaseAddress = _fixture.Addresses[0], DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        http.DefaultRequestHeaders.Add("Weir-Agent", agent.ToString());
        using HttpResponseMessage response = await http.PostAsJsonAsync(new Uri("/api/upload/context", UriKind.Relative), new { fileHash = new string('a', 64), fileSize = 5 }, Cancellation);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation));
    }

    private SocketsHttpHandler Handler() => new() { SslOptions = _joiner.Tls(_identity.Time) };

    private Batch ToBatch(AgentId agent)
    {
        var run = new ByteWriter();
        EntryRun.Append(run, _agent.EpochStart(T0));
        return new Batch { AgentId = TestJoiner.AgentBytes(agent), Epoch = _agent.Epoch, StartNumber = 1, Class = Protocol.V1.EntryClass.Backfill, Entries = ByteString.CopyFrom(run.Written) };
    }
}
