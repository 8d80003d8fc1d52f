using Grpc.Core;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Gateway.Tests;

/// <summary>Two machines with one agent id, and agents that have had another.</summary>
public sealed class CloneTests
{
    private const long T0 = 1_700_000_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Streams_OfOneIdThatBothLiveOnWithEpochsOfTheirOwn_TheYoungerIsToldToTakeANewId()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var agent = new TestAgent(1);
        using TestStream older = await ConnectAsync(fixture, 0, agent, epoch: 7);
        // Answered: it has its place before the younger comes.
        await BeatAsync(older);
        using TestStream younger = await ConnectAsync(fixture, 1, agent, epoch: 8);
        await BeatAsync(younger);
        // An answer in between: each heartbeat is certainly heard before the next of the other.
        for (int i = 0; i < CloneWatch.Proofs - 1; i++) Assert.Null(await BeatAsync(older, younger));
        Directive directive = (await BeatAsync(older, younger))!;
        Assert.Equal(TestStream.Bytes(agent.Id), directive.NewIdentity.AgentId);
        // Once for a connection.
        for (int i = 0; i < CloneWatch.Proofs; i++) Assert.Null(await BeatAsync(older, younger));
    }

    [Fact]
    public async Task Streams_OfOneEpoch_AreOneMachine()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var agent = new TestAgent(1);
        using TestStream one = await ConnectAsync(fixture, 0, agent, epoch: 7);
        using TestStream two = await ConnectAsync(fixture, 1, agent, epoch: 7);
        for (int i = 0; i < 2 * CloneWatch.Proofs; i++) Assert.Null(await BeatAsync(one, two));
    }

    [Fact]
    public async Task Stream_OfARestartedAgent_WhoseOldOneIsSilent_IsNoClone()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var agent = new TestAgent(1);
        using TestStream old = await ConnectAsync(fixture, 0, agent, epoch: 7);
        await BeatAsync(old);
        using TestStream restarted = await ConnectAsync(fixture, 0, agent, epoch: 8);
        for (int i = 0; i < 2 * CloneWatch.Proofs; i++) Assert.Null(await BeatAsync(restarted));
    }

    [Fact]
    public async Task Stream_OfTheOriginalBesideItsHeir_IsNoClone()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var original = new TestAgent(1);
        using TestStream heir = await TestStream.ConnectAsync(fixture.Addresses[0], new TestAgent(2).Id, Cancellation, say: hello =>
        {
            hello.FormerAgentIds.Add(TestStream.Bytes(original.Id));
            hello.Epochs.Add(new OpenEpoch { Epoch = 7, StartNumber = 2 });
        });
        await BeatAsync(heir);
        using TestStream own = await ConnectAsync(fixture, 1, original, epoch: 8);
        for (int i = 0; i < 2 * CloneWatch.Proofs; i++) Assert.Null(await BeatAsync(heir, own));
    }

    [Fact]
    public async Task Batch_UnderAFormerId_LiesInTheLogOfThatId_AndNeedsItsObjectsThere()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var agent = new TestAgent(1);
        var former = new TestAgent(2);
        using TestStream stream = await HeirAsync(fixture, agent, TestStream.Bytes(former.Id));
        await stream.DeliverAsync(agent, [.. agent.Objects(T0), agent.Frame(T0)], Cancellation);
        // The same schema, and not the same agent's.
        Assert.Equal(agent.Schema.Id, former.Schema.Id);
        IReadOnlyList<byte[]> objects = former.Objects(T0);
        byte[] frame = former.Frame(T0);
        await stream.SendAsync(former, [frame], Cancellation);
        Assert.Equal(Answer.KindOneofCase.Need, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).KindCase);
        await stream.DeliverAsync(former, [.. objects, frame], Cancellation);
        Assert.Equal([agent.Id, former.Id], fixture.Log.Records.Select(static record => RecordIndex.TryOpen(record.Index, out RecordIndex rows) ? rows.Header.AgentId : default));

        await stream.SendRunAsync(new TestAgent(3), new TestAgent(3).Id, [], Cancellation);
        Assert.Equal(RejectReason.ForgedName, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject.Reason);
    }

    [Fact]
    public async Task Directive_ForAFormerId_ReachesItsHeirWhoseAnswerIsNotTheAgents_UnlessTheOriginalIsConnected()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var original = new TestAgent(1);
        using TestStream stream = await HeirAsync(fixture, new TestAgent(2), TestStream.Bytes(original.Id));
        await BeatAsync(stream);
        var directive = new Directive { Id = TestStream.Bytes(original.Id), Resend = new Resend { Epoch = 7 } };
        var answer = new TaskCompletionSource<DirectiveResult>();
        Assert.Equal(DirectiveReach.Heir, fixture.Directives.TrySend("default", original.Id, directive, answer.SetResult));
        Assert.Equal(7UL, (await stream.ReadAsync(Cancellation)).Directive.Resend.Epoch);
        await stream.SendAsync(new ToGateway { DirectiveResult = new DirectiveResult { Id = directive.Id, Status = DirectiveStatus.Refused } }, Cancellation);
        // Heard after its answer: that was nobody's.
        await BeatAsync(stream);
        Assert.False(answer.Task.IsCompleted);

        using TestStream own = await TestStream.ConnectAsync(fixture.Addresses[1], original.Id, Cancellation);
        await BeatAsync(own);
        Assert.Equal(DirectiveReach.Agent, fixture.Directives.TrySend("default", original.Id, directive, answer.SetResult));
        Assert.Equal(7UL, (await own.ReadAsync(Cancellation)).Directive.Resend.Epoch);
        await own.SendAsync(new ToGateway { DirectiveResult = new DirectiveResult { Id = directive.Id, Status = DirectiveStatus.Partly } }, Cancellation);
        Assert.Equal(DirectiveStatus.Partly, (await answer.Task.WaitAsync(Cancellation)).Status);
    }

    [Theory]
    [InlineData(9, 16)]
    [InlineData(1, 15)]
    public async Task Hello_WithTooManyOrMalformedFormerIds_IsRefused(int count, int bytes)
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        Google.Protobuf.ByteString[] former = [.. Enumerable.Range(1, count).Select(i => Google.Protobuf.ByteString.CopyFrom([.. Enumerable.Repeat((byte)i, bytes)]))];
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => HeirAsync(fixture, new TestAgent(1), former));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    private static Task<TestStream> HeirAsync(GatewayFixture fixture, TestAgent agent, params Google.Protobuf.ByteString[] former) =>
        TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancellation, say: hello => hello.FormerAgentIds.AddRange(former));

    private static Task<TestStream> ConnectAsync(GatewayFixture fixture, int gateway, TestAgent agent, ulong epoch) => TestStream.ConnectAsync(
        fixture.Addresses[gateway], agent.Id, Cancellation, say: hello => hello.Epochs.Add([new OpenEpoch { Epoch = 1, StartNumber = 1 }, new OpenEpoch { Epoch = epoch, StartNumber = 2 }]));

    // Each in turn, until it is answered. What the last is told beside that is returned.
    private static async Task<Directive?> BeatAsync(params TestStream[] streams)
    {
        Directive? told = null;
        foreach (TestStream stream in streams)
        {
            await stream.SendAsync(new ToGateway { Heartbeat = new Heartbeat() }, Cancellation);
            ToAgent message = await stream.ReadAsync(Cancellation);
            if (message.Directive is null) continue;
            told = message.Directive;
            await stream.ReadAsync(Cancellation);
        }

        return told;
    }
}
