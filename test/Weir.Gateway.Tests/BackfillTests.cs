using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Gateway.Tests;

/// <summary>Chunks of a backlog, over real connections.</summary>
public sealed class BackfillTests : IAsyncLifetime
{
    private const long T0 = 1_700_000_000_000;

    private readonly TestAgent _agent = new(1);
    private GatewayFixture? _fixture;
    private GrpcChannel? _channel;
    private Backfill.BackfillClient? _client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private GatewayFixture Fixture => _fixture!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await GatewayFixture.StartAsync();
        _channel = GrpcChannel.ForAddress(_fixture.Addresses[0]);
        _client = new Backfill.BackfillClient(_channel);
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        await Fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_chunk_is_acked_and_lies_in_the_class_backfill()
    {
        Answer answer = Assert.Single(await TakeAsync([.. _agent.Objects(T0), _agent.Frame(T0), _agent.Frame(T0 + 1000)]));
        Assert.Equal(4UL, Assert.Single(answer.Ack.Seqs).Last);
        (LogClass logClass, byte[] index, _) = Assert.Single(Fixture.Log.Records);
        Assert.Equal(LogClass.Backfill, logClass);
        Assert.True(RecordIndex.TryOpen(index, out RecordIndex rows));
        Assert.Equal((_agent.Id, _agent.Epoch, BusinessLine.Backfill), (rows.Header.AgentId, rows.Header.Epoch, rows.Header.Line));
        Assert.Equal(0, Fixture.Gateways[0].BytesInFlight);
    }

    [Fact]
    public async Task A_chunk_stands_alone_whatever_came_before()
    {
        await TakeAsync([.. _agent.Objects(T0), _agent.Frame(T0)]);
        IReadOnlyList<Answer> answers = await TakeAsync([_agent.Frame(T0 + 1000)]);
        Assert.Equal(_agent.Schema.Id.Short, Assert.Single(Assert.Single(answers).Need.Objects));
        Assert.Single(Fixture.Log.Records);
    }

    [Fact]
    public async Task A_chunk_with_a_damaged_entry_is_judged_entry_by_entry()
    {
        byte[] damaged = _agent.Frame(T0);
        damaged[^1] ^= 1;
        IReadOnlyList<Answer> answers = await TakeAsync([.. _agent.Objects(T0), damaged, _agent.Frame(T0 + 1000)]);
        Assert.Equal(RejectReason.Crc, answers.Single(static answer => answer.KindCase == Answer.KindOneofCase.Reject).Reject.Reason);
        Assert.Equal(3, answers.Single(static answer => answer.KindCase == Answer.KindOneofCase.Ack).Ack.Seqs.Sum(static range => (int)(range.Last - range.First + 1)));
    }

    [Fact]
    public async Task A_log_that_takes_nothing_is_answered_with_retry()
    {
        Fixture.Log.Failure = new LogException(LogError.DiskFull, "", "full");
        Answer answer = Assert.Single(await TakeAsync([.. _agent.Objects(T0)]));
        Assert.Equal(RetryScope.Log, answer.Retry.Scope);
        Assert.Equal(0, Fixture.Gateways[0].BytesInFlight);
    }

    [Fact]
    public async Task A_chunk_beyond_its_limit_is_rejected_whole()
    {
        Answer answer = Assert.Single((await _client!.TakeAsync(ToBatch(new byte[new GatewayOptions().MaxBatchBytes + 1]), cancellationToken: Cancellation)).Answers_);
        Assert.Equal((RejectReason.Size, 0), (answer.Reject.Reason, answer.Reject.Indexes.Count));
    }

    [Fact]
    public async Task Fresh_entries_and_nameless_agents_are_refused()
    {
        Batch live = ToBatch([]);
        live.Class = EntryClass.Live;
        await AssertRefusedAsync(live, StatusCode.InvalidArgument);
        Batch nobody = ToBatch([]);
        nobody.AgentId = ByteString.CopyFrom(new byte[16]);
        await AssertRefusedAsync(nobody, StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task A_stopped_gateway_takes_none()
    {
        Fixture.Gateways[0].Stop();
        await AssertRefusedAsync(ToBatch([]), StatusCode.Unavailable);
    }

    private async Task AssertRefusedAsync(Batch batch, StatusCode status) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(async () => await _client!.TakeAsync(batch, cancellationToken: Cancellation))).StatusCode);

    private async Task<IReadOnlyList<Answer>> TakeAsync(IEnumerable<byte[]> entries)
    {
        var run = new ByteWriter();
        foreach (byte[] entry in entries) EntryRun.Append(run, entry);
        return (await _client!.TakeAsync(ToBatch(run.Written.ToArray()), cancellationToken: Cancellation)).Answers_;
    }

    private Batch ToBatch(byte[] run)
    {
        var id = new byte[AgentId.Size];
        _agent.Id.Write(id);
        return new Batch { AgentId = ByteString.CopyFrom(id), Epoch = _agent.Epoch, StartNumber = 1, Class = EntryClass.Backfill, Entries = UnsafeByteOperations.UnsafeWrap(run) };
    }
}
