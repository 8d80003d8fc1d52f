using System.Buffers.Binary;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Gateway.Tests;

/// <summary>What gateways answer, over real connections.</summary>
public sealed class IntakeTests
{
    private const long T0 = 1_700_000_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<(GatewayFixture Fixture, TestAgent Agent, TestStream Stream)> ConnectAsync(GatewayOptions? options = null)
    {
        GatewayFixture fixture = await GatewayFixture.StartAsync(options);
        var agent = new TestAgent(1);
        return (fixture, agent, await TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancellation));
    }

    private static void MakeChecksumRight(byte[] entry) => BinaryPrimitives.WriteUInt32LittleEndian(entry, Crc32C.Compute(entry.AsSpan(4)));

    private static async Task AssertStillServedAsync(TestStream stream, TestAgent agent, GatewayFixture fixture)
    {
        int before = fixture.Log.Records.Count;
        await stream.DeliverAsync(agent, [agent.EpochStart(T0)], Cancellation);
        Assert.Equal(before + 1, fixture.Log.Records.Count);
    }

    [Fact]
    public async Task Batch_GoodEntries_AreAckedAndLieInTheLogWithTheirNames()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            await stream.DeliverAsync(agent, [agent.EpochStart(T0), .. agent.Objects(T0), agent.Frame(T0), agent.Frame(T0 + 1000, ticks: 5)], Cancellation);
            (LogClass logClass, byte[] index, _) = Assert.Single(fixture.Log.Records);
            Assert.Equal(LogClass.Live, logClass);
            Assert.True(RecordIndex.TryOpen(index, out RecordIndex rows));
            Assert.Equal((agent.Id, agent.Epoch, "default", "gateway-1"), (rows.Header.AgentId, rows.Header.Epoch, rows.Header.Tenant, rows.Header.GatewayId));
            Assert.True(rows.Header.ReceivedMs > T0);
            var seqs = new List<ulong>();
            while (rows.MoveNext()) seqs.Add(rows.Entry.Seq);
            Assert.Equal([1, 2, 3, 4, 5], seqs);
        }
    }

    [Fact]
    public async Task Ack_ComesOnlyOnceTheLogHasIt()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            var durable = new TaskCompletionSource();
            fixture.Log.Gate = durable.Task;
            await stream.SendAsync(agent, [agent.EpochStart(T0)], Cancellation);
            Task<IReadOnlyList<Answer>> answer = stream.ReadAnswersAsync(Cancellation);
            while (fixture.Gateways[0].BytesInFlight == 0) await Task.Delay(5, Cancellation);
            Assert.False(answer.IsCompleted);
            durable.SetResult();
            Assert.Equal(Answer.KindOneofCase.Ack, Assert.Single(await answer).KindCase);
            while (fixture.Gateways[0].BytesInFlight != 0) await Task.Delay(5, Cancellation);
        }
    }

    [Fact]
    public async Task Batch_OneBitFlippedAmongGoodOnes_IsRejectedByPlaceAndItsNeighboursAcked()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            byte[][] entries = [agent.EpochStart(T0), .. agent.Objects(T0), agent.Frame(T0), agent.Frame(T0 + 1000)];
            entries[3][^1] ^= 1;
            await stream.SendAsync(agent, entries, Cancellation);
            // The rejection is said at once, the ack when the log has it: in one message or two.
            List<Answer> answers = [.. await stream.ReadAnswersAsync(Cancellation)];
            if (answers.Count < 2) answers.AddRange(await stream.ReadAnswersAsync(Cancellation));
            Reject reject = answers.Single(static answer => answer.KindCase == Answer.KindOneofCase.Reject).Reject;
            Assert.Equal((RejectReason.Crc, 3u), (reject.Reason, Assert.Single(reject.Indexes)));
            Ack ack = answers.Single(static answer => answer.KindCase == Answer.KindOneofCase.Ack).Ack;
            Assert.Equal([(1UL, 3UL), (5UL, 5UL)], ack.Seqs.Select(static range => (range.First, range.Last)));
        }
    }

    [Theory]
    [InlineData(13, 9)] // a newer version
    [InlineData(14, 2)] // events
    [InlineData(14, 77)] // a kind of the future
    [InlineData(15, 2)] // codec 1
    public async Task Entry_ThisGatewayIsTooOldFor_IsLeftToNewerOnes(int offset, byte value)
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            byte[] entry = agent.Frame(T0);
            entry[offset] = value;
            MakeChecksumRight(entry);
            await stream.SendAsync(agent, [entry], Cancellation);
            Retry retry = Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Retry;
            Assert.Equal((RetryScope.Version, 1UL), (retry.Scope, retry.Seqs[0].First));
            Assert.True(retry.AfterMs > 0);
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Entry_WhoseHeaderContradictsItself_IsRejected()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            byte[] entry = agent.Frame(T0);
            entry[20] ^= 1; // the object id, so that the content hash no longer holds
            MakeChecksumRight(entry);
            await stream.SendAsync(agent, [entry], Cancellation);
            Assert.Equal(RejectReason.Header, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject.Reason);
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Batch_UnderAnotherName_IsRejectedWhole()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            await stream.SendRunAsync(agent, new TestAgent(2).Id, [1, 2, 3], Cancellation);
            Reject reject = Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject;
            Assert.Equal((RejectReason.ForgedName, 0), (reject.Reason, reject.Indexes.Count));
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Entry_OfTheLargestSize_FitsIntoABatch()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            var header = new EntryHeader { Kind = EntryKind.Declaration, Form = (byte)DeclarationKind.Window, Seq = 1, FirstMs = T0 };
            int headerBytes = new EntryWriter().Write(header, []).Length;
            await stream.SendAsync(agent, [new EntryWriter().Write(header, new byte[FrameLimits.MaxEntryBytes - headerBytes]).ToArray()], Cancellation);
            Assert.NotNull(Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Ack);
            Assert.Single(fixture.Log.Records);
        }
    }

    [Fact]
    public async Task Batch_TooLargeOrTorn_IsRejectedBySize()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync(new GatewayOptions { MaxBatchBytes = 10_000 });
        await using (fixture)
        using (stream)
        {
            await stream.SendRunAsync(agent, agent.Id, new byte[10_001], Cancellation);
            Assert.Equal(RejectReason.Size, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject.Reason);
            await stream.SendRunAsync(agent, agent.Id, [200, 0, 0, 0, 1], Cancellation);
            Assert.Equal(RejectReason.Size, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject.Reason);
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Frame_BeforeItsObjects_IsAskedForAgainBehindThem()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            IReadOnlyList<byte[]> objects = agent.Objects(T0);
            byte[] frame = agent.Frame(T0);
            await stream.SendAsync(agent, [frame], Cancellation);
            Need need = Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Need;
            Assert.Equal((agent.Schema.Id.Short, 3UL), (Assert.Single(need.Objects), need.Seqs[0].First));
            await stream.SendAsync(agent, [objects[1]], Cancellation);
            Assert.Equal(agent.Template.Id.Short, Assert.Single(Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Need.Objects));
            Assert.Empty(fixture.Log.Records);
            await stream.DeliverAsync(agent, [.. objects, frame], Cancellation);
            // Each class carries its own objects.
            await stream.SendAsync(agent, [frame], Cancellation, EntryClass.Backfill);
            Assert.Equal(Answer.KindOneofCase.Need, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).KindCase);
        }
    }

    [Fact]
    public async Task Baseline_AndWhatIsCodedAgainstIt_NeedWhatTheyName()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            IReadOnlyList<byte[]> objects = agent.Objects(T0);
            byte[] baseline = agent.NewBaseline(T0);
            Baseline parent = agent.Baseline!;
            byte[] frame = agent.Frame(T0), other = agent.NewBaseline(T0 + 300_000, parent);
            await AssertNeedAsync(stream, agent, frame, parent.Id.Short);
            await AssertNeedAsync(stream, agent, baseline, agent.Schema.Id.Short);
            await AssertNeedAsync(stream, agent, other, parent.Id.Short);
            await stream.DeliverAsync(agent, [.. objects, baseline, frame, other, agent.Frame(T0 + 300_000)], Cancellation);
            Assert.Single(fixture.Log.Records);
        }
    }

    private readonly Queue<Answer> _answers = new();

    private async Task<Answer> ReadAnswerAsync(TestStream stream)
    {
        while (_answers.Count == 0)
            foreach (Answer answer in await stream.ReadAnswersAsync(Cancellation)) _answers.Enqueue(answer);
        return _answers.Dequeue();
    }

    private static async Task AssertNeedAsync(TestStream stream, TestAgent agent, byte[] entry, ulong objectId)
    {
        await stream.SendAsync(agent, [entry], Cancellation);
        Assert.Equal([objectId], Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Need.Objects);
    }

    [Fact]
    public async Task Object_ThatIsNotWhatItsNameSays_IsRejected()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            byte[] wrong = new EntryWriter().Write(
                new EntryHeader { Kind = EntryKind.Object, Form = (byte)ObjectKind.Template, Seq = 1, ObjectId = 42 }, ObjectCodec.Pack(agent.Template.Canonical.Span)).ToArray();
            await stream.SendAsync(agent, [wrong], Cancellation);
            Assert.Equal(RejectReason.Header, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Reject.Reason);
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Log_ThatTakesNothing_IsARetryAndTheStreamGoesOn()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            fixture.Log.Failure = new LogException(LogError.DiskFull, "/", "full");
            await stream.SendAsync(agent, [agent.EpochStart(T0)], Cancellation);
            Retry retry = Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Retry;
            Assert.Equal((RetryScope.Log, 1UL), (retry.Scope, retry.Seqs[0].First));
            fixture.Log.Failure = null;
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Append_ThatFails_TakesTheObjectsOfItsStreamWithIt()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            var objects = new TaskCompletionSource();
            fixture.Log.Gate = objects.Task;
            await stream.SendAsync(agent, agent.Objects(T0), Cancellation);
            while (fixture.Log.Appends < 1) await Task.Delay(5, Cancellation);
            fixture.Log.Gate = Task.CompletedTask;
            await stream.SendAsync(agent, [agent.Frame(T0)], Cancellation);
            while (fixture.Log.Records.Count < 1) await Task.Delay(5, Cancellation);
            fixture.Log.Failure = new LogException(LogError.DiskFull, "/", "full");
            objects.SetResult();

            // The frame is durable, what it is decoded with is not: an ack would forget it.
            Assert.Equal([Answer.KindOneofCase.Retry, Answer.KindOneofCase.Retry], [(await ReadAnswerAsync(stream)).KindCase, (await ReadAnswerAsync(stream)).KindCase]);
            fixture.Log.Failure = null;
            await AssertNeedAsync(stream, agent, agent.Frame(T0 + 1000), agent.Schema.Id.Short);
        }
    }

    [Fact]
    public async Task BytesInFlight_AboveTheLimit_AreARetry()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync(new GatewayOptions { MaxBytesInFlight = 150 });
        await using (fixture)
        using (stream)
        {
            await stream.SendAsync(agent, [.. agent.Objects(T0), agent.Frame(T0)], Cancellation);
            Assert.Equal(RetryScope.Overload, Assert.Single(await stream.ReadAnswersAsync(Cancellation)).Retry.Scope);
            Assert.Empty(fixture.Log.Records);
            // Objects that were not appended were not seen.
            await AssertNeedAsync(stream, agent, agent.Frame(T0), agent.Schema.Id.Short);
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task Stream_WithoutAProperHello_IsRefused()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync(new GatewayOptions { HelloLimit = TimeSpan.FromMilliseconds(300) });
        ToGateway[] openings =
        [
            new() { Heartbeat = new Heartbeat() },
            new() { Hello = new Hello { ProtocolMin = 1, ProtocolMax = 1 } },
            new() { Hello = new Hello { ProtocolMin = 2, ProtocolMax = 3, AgentId = Google.Protobuf.ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16) } },
        ];
        foreach (ToGateway opening in openings)
        {
            using TestStream stream = TestStream.Open(fixture.Addresses[0], Cancellation);
            await stream.SendAsync(opening, Cancellation);
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => stream.ReadAsync(Cancellation));
            Assert.True(refused.StatusCode is StatusCode.InvalidArgument or StatusCode.FailedPrecondition, refused.ToString());
        }

        using TestStream silent = TestStream.Open(fixture.Addresses[0], Cancellation);
        await Assert.ThrowsAsync<RpcException>(() => silent.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task Heartbeat_IsAnswered()
    {
        (GatewayFixture fixture, _, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            await stream.SendAsync(new ToGateway { Heartbeat = new Heartbeat() }, Cancellation);
            Assert.Equal(ToAgent.MessageOneofCase.Answers, (await stream.ReadAsync(Cancellation)).MessageCase);
        }
    }

    [Fact]
    public async Task Directive_ReachesTheConnectedAgentAndNobodyElse()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            await AssertStillServedAsync(stream, agent, fixture);
            var directive = new Directive { Id = Google.Protobuf.ByteString.CopyFrom(new byte[16]), NewEpoch = new NewEpoch { Epoch = agent.Epoch } };
            Assert.Equal(DirectiveReach.Agent, fixture.Directives.TrySend("default", agent.Id, directive));
            Assert.Equal(DirectiveReach.None, fixture.Directives.TrySend("default", new TestAgent(2).Id, directive));
            Assert.Equal(agent.Epoch, (await stream.ReadAsync(Cancellation)).Directive.NewEpoch.Epoch);
            await stream.SendAsync(new ToGateway { DirectiveResult = new DirectiveResult { Id = directive.Id } }, Cancellation);
            await AssertStillServedAsync(stream, agent, fixture);
        }
    }

    [Fact]
    public async Task BytesInFlight_OfAnAgentThatGoesWhileItsQueueIsFull_AreGivenBack()
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        var gate = new TaskCompletionSource();
        fixture.Log.Gate = gate.Task;
        var agent = new TestAgent(1);
        using (TestStream stream = await TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancellation))
        {
            // One is awaited, 256 wait behind it; the next has an entry that is taken and one that needs an object.
            for (int i = 0; i < 257; i++) await stream.SendAsync(agent, [agent.EpochStart(T0)], Cancellation);
            await stream.SendAsync(agent, [agent.EpochStart(T0), agent.Frame(T0)], Cancellation);
            for (long before = -1; fixture.Gateways[0].BytesInFlight != before; await Task.Delay(300, Cancellation)) before = fixture.Gateways[0].BytesInFlight;
        }

        // Time for the gateway to notice that the agent has gone; without it the test sees less, and passes.
        await Task.Delay(500, Cancellation);
        gate.SetResult();
        while (fixture.Gateways[0].BytesInFlight != 0) await Task.Delay(20, Cancellation);
    }

    [Fact]
    public async Task Stream_SilentForTooLong_IsEndedAndOneThatSpeaksIsNot()
    {
        var options = new GatewayOptions();
        var time = new FakeTimeProvider();
        await using GatewayFixture fixture = await GatewayFixture.StartAsync(options, time);
        var agent = new TestAgent(1);
        using TestStream stream = await TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancellation);
        for (int i = 0; i < 3; i++)
        {
            await stream.SendAsync(new ToGateway { Heartbeat = new Heartbeat() }, Cancellation);
            Assert.Empty((await stream.ReadAsync(Cancellation)).Answers.Answers_);
            time.Advance(options.SilenceLimit * 0.9);
        }

        await AssertStillServedAsync(stream, agent, fixture);
        time.Advance(options.SilenceLimit * 1.1);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => stream.ReadAsync(Cancellation))).StatusCode);
    }

    [Fact]
    public async Task Stream_WhoseAgentGivesASignOfLifeMoreRarely_MayBeSilentForLonger()
    {
        var options = new GatewayOptions();
        var time = new FakeTimeProvider();
        await using GatewayFixture fixture = await GatewayFixture.StartAsync(options, time);
        var agent = new TestAgent(1);
        using TestStream rare = await TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancellation, heartbeatMs: 120_000);
        using TestStream often = await TestStream.ConnectAsync(fixture.Addresses[1], new TestAgent(2).Id, Cancellation, heartbeatMs: 1_000);
        time.Advance(options.SilenceLimit * 0.9);
        await AssertStillServedAsync(often, new TestAgent(2), fixture);
        time.Advance(options.SilenceLimit * 1.2);
        await AssertStillServedAsync(rare, agent, fixture);
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => often.ReadAsync(Cancellation))).StatusCode);
    }

    [Fact]
    public async Task Gateway_StoppedAlone_BreaksItsStreamsOffAndTheOtherServes()
    {
        (GatewayFixture fixture, TestAgent agent, TestStream stream) = await ConnectAsync();
        await using (fixture)
        using (stream)
        {
            fixture.Gateways[0].Stop();
            Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => stream.ReadAsync(Cancellation))).StatusCode);
            await Assert.ThrowsAsync<RpcException>(() => TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancellation));
            using TestStream other = await TestStream.ConnectAsync(fixture.Addresses[1], agent.Id, Cancellation);
            await AssertStillServedAsync(other, agent, fixture);
        }
    }
}
