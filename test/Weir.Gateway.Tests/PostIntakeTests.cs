using System.Net;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Gateway.Tests;

/// <summary>The stream by POST, over real connections: the same answers, and precise ones to what is not a session.</summary>
public sealed class PostIntakeTests
{
    private const long T0 = 1_700_000_000_000;
    private const string Session = "00112233445566778899aabbccddeeff";

    private readonly TestAgent _agent = new(1);
    private ulong _batches;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_AreAnsweredAsOnAStream()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpClient client = Client(fixture);
        List<ToAgent> said = await ExchangeAsync(client, Hello(), Batch(_agent.EpochStart(T0)));
        Assert.Equal("gateway-1", said[0].Welcome.GatewayId);
        Assert.Contains(said, static message => message.Answers?.Answers_ is [{ Batch: 1, Ack: not null }]);
        Assert.Single(fixture.Log.Records);

        // The frame's objects count as seen within the session, not within a POST.
        await ExchangeAsync(client, Batch([.. _agent.Objects(T0)]));
        said = await ExchangeAsync(client, Batch(_agent.Frame(T0)), Batch(_agent.Frame(T0 + 1000)));
        Assert.Equal([3UL, 4UL], said.SelectMany(static message => message.Answers.Answers_).Where(static answer => answer.Ack is not null).Select(static answer => answer.Batch));
        Assert.Equal(4, fixture.Log.Records.Count);
        Assert.Equal(1, fixture.Gateways[0].Streams);
    }

    [Fact]
    public async Task Answers_WaitForTheLog()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpClient client = Client(fixture);
        await ExchangeAsync(client, Hello());
        var durable = new TaskCompletionSource();
        fixture.Log.Gate = durable.Task;
        Task<List<ToAgent>> exchange = ExchangeAsync(client, Batch(_agent.EpochStart(T0)));
        while (fixture.Gateways[0].BytesInFlight == 0) await Task.Delay(5, Cancellation);
        Assert.False(exchange.IsCompleted);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync(client, Session, Batch(_agent.EpochStart(T0)))).StatusCode);
        durable.SetResult();
        Assert.Contains(await exchange, static message => message.Answers.Answers_ is [{ Ack: not null }]);
    }

    [Fact]
    public async Task Exchange_WithASignOfLifeOfItsOwn_EndsWithItsOwnAnswers()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpClient client = Client(fixture);
        await ExchangeAsync(client, Hello());
        for (int i = 0; i < 20; i++)
        {
            ToGateway batch = Batch(_agent.EpochStart(T0));
            List<ToAgent> said = await ExchangeAsync(client, new ToGateway { Heartbeat = new Heartbeat() }, batch, new ToGateway { Heartbeat = new Heartbeat() });
            Assert.Equal(batch.Batch.Number, Assert.Single(said.SelectMany(static message => message.Answers.Answers_)).Batch);
            Assert.Equal(3, said.Count(static message => message.Answers.Answers_.Count == 0));
        }
    }

    [Fact]
    public async Task Exchange_WithASignOfLifeBetweenBatchesOfOneFlush_Ends()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpClient client = Client(fixture);
        await ExchangeAsync(client, Hello());
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        fixture.Log.Gate = durable.Task;
        Task<List<ToAgent>> exchange = ExchangeAsync(client, Batch(_agent.EpochStart(T0)), new ToGateway { Heartbeat = new Heartbeat() }, Batch(_agent.EpochStart(T0)));
        while (fixture.Log.Appends < 2) await Task.Delay(5, Cancellation);
        durable.SetResult();
        List<ToAgent> said = await exchange.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        Assert.Equal([1UL, 2UL], said.SelectMany(static message => message.Answers.Answers_).Select(static answer => answer.Batch));
    }

    [Fact]
    public async Task Body_OfVeryManyMessages_IsRefused()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpClient client = Client(fixture);
        // Empty messages, a byte each: small on the wire, large in memory.
        using HttpResponseMessage refused = await PostAsync(client, Session, new byte[1 << 20]);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(0, fixture.Gateways[0].Streams);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00112233445566778899AABBCCDDEEFF")]
    [InlineData("0011")]
    public async Task Session_WithoutAProperName_IsRefused(string session)
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpClient client = Client(fixture);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, session, Hello())).StatusCode);
        Assert.Equal(0, fixture.Gateways[0].Streams);
    }

    [Fact]
    public async Task Session_NobodyBegan_OrThatEnded_IsToBeBegunAnew()
    {
        var options = new GatewayOptions();
        var time = new FakeTimeProvider();
        await using GatewayFixture fixture = await GatewayFixture.StartAsync(options, time);
        using HttpClient client = Client(fixture);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(client, Session, Batch(_agent.EpochStart(T0)))).StatusCode);
        await ExchangeAsync(client, Hello());
        time.Advance(options.SilenceLimit * 1.1);
        while (fixture.Gateways[0].Streams != 0) await Task.Delay(5, Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(client, Session, Batch(_agent.EpochStart(T0)))).StatusCode);
        await ExchangeAsync(client, Hello());
    }

    [Fact]
    public async Task Refusals_OfTheStream_AreRefusalsHere()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync(new GatewayOptions { MaxStreams = 1 });
        using HttpClient client = Client(fixture);
        var future = new ToGateway { Hello = new Hello { ProtocolMin = 9, ProtocolMax = 9, AgentId = Hello().Hello.AgentId } };
        using HttpResponseMessage refused = await PostAsync(client, Session, future);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("protocol 1", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);

        using TestStream other = await TestStream.ConnectAsync(fixture.Addresses[0], new TestAgent(2).Id, Cancellation);
        using HttpResponseMessage full = await PostAsync(client, Session, Hello());
        Assert.Equal(HttpStatusCode.TooManyRequests, full.StatusCode);
        Assert.True(int.Parse(full.Headers.GetValues("retry-after-ms").Single(), System.Globalization.CultureInfo.InvariantCulture) >= 500);
    }

    [Fact]
    public async Task Body_ThatIsNoRunOfMessages_OrTooLarge_IsRefusedAndTheSessionGoesOn()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync(new GatewayOptions { CreditBytes = 64 * 1024, MaxBatchBytes = 32 * 1024 });
        using HttpClient client = Client(fixture);
        await ExchangeAsync(client, Hello());
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, Session, [0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00])).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(client, Session, new byte[(128 * 1024) + 1])).StatusCode);
        Assert.Contains(await ExchangeAsync(client, Batch(_agent.EpochStart(T0))), static message => message.Answers.Answers_ is [{ Ack: not null }]);
    }

    private static HttpClient Client(GatewayFixture fixture) => new()
    {
        BaseAddress = fixture.Addresses[0],
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private ToGateway Hello()
    {
        var id = new byte[AgentId.Size];
        _agent.Id.Write(id);
        return new ToGateway { Hello = new Hello { ProtocolMin = 1, ProtocolMax = 1, AgentId = ByteString.CopyFrom(id), AgentVersion = "test" } };
    }

    private ToGateway Batch(params byte[][] entries)
    {
        var run = new ByteWriter();
        foreach (byte[] entry in entries) EntryRun.Append(run, entry);
        return new ToGateway
        {
            Batch = new Batch { Number = ++_batches, AgentId = Hello().Hello.AgentId, Epoch = _agent.Epoch, StartNumber = 1, Entries = ByteString.CopyFrom(run.Written) },
        };
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string session, params ToGateway[] messages)
    {
        using var body = new MemoryStream();
        foreach (ToGateway message in messages) message.WriteDelimitedTo(body);
        return PostAsync(client, session, body.ToArray());
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string session, byte[] body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/weir.v1.Intake/Post")
        {
            Content = new ByteArrayContent(body),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (session.Length > 0) request.Headers.Add("weir-session", session);
        return await client.SendAsync(request, Cancellation);
    }

    private static async Task<List<ToAgent>> ExchangeAsync(HttpClient client, params ToGateway[] messages)
    {
        using HttpResponseMessage response = await PostAsync(client, Session, messages);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancellation));
        using Stream content = await response.Content.ReadAsStreamAsync(Cancellation);
        var said = new List<ToAgent>();
        while (content.Position < content.Length) said.Add(ToAgent.Parser.ParseDelimitedFrom(content));
        return said;
    }
}
