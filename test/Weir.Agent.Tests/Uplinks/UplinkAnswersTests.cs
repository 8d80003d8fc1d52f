using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>What the agent makes of each answer, over real connections and real time.</summary>
public sealed class UplinkAnswersTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-uplink-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private ScriptedGateway _gateway = null!;
    private readonly DeliverySignals _signals = new(TimeProvider.System);
    private AgentStore _store = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _gateway = await ScriptedGateway.StartAsync();
        _store = await AgentStore.OpenAsync(
            new AgentStoreOptions(Path.Combine(_work, "agent"), 64 << 20, [new SeriesAttribute("host.name", "alpha")]), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);
        Schema schema = TestSeries.Schema();
        await _store.AppendSchemaAsync(schema, CancellationToken.None);
        await AppendFrameAsync();
        var options = new UplinkOptions([_gateway.Address], "1.2.3", "TestOS") { FirstDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(50) };
        _running = new Uplink(options, _store, _signals, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        await _store.DisposeAsync();
        await _gateway.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Ack_Settles()
    {
        GatewayConnection connection = await WelcomeAsync();
        List<EntryHeader> seen = await ReadFrameAsync(connection, acknowledge: true);
        Assert.Equal(EntryKind.Declaration, seen[0].Kind);
        Assert.Equal((int)seen[^1].Seq, seen.Count);
        Assert.Equal(EntryKind.Samples, seen[^1].Kind);
        Assert.True(seen.FindIndex(static header => header.Kind == EntryKind.Object) < seen.Count - 1);
        await UntilAsync(() => _store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task Retry_SendsAgainAfterAWhile()
    {
        GatewayConnection connection = await WelcomeAsync();
        await ReadFrameAsync(connection, acknowledge: true);
        await AppendFrameAsync();
        Batch batch = await connection.ReadBatchAsync();
        await connection.RetryAsync(batch, RetryScope.Overload, 50);
        Batch again = await connection.ReadBatchAsync();
        Assert.NotEqual(batch.Number, again.Number);
        Assert.Equal(GatewayConnection.SeqsOf(batch), GatewayConnection.SeqsOf(again));
        await connection.AckAsync(again);
        await UntilAsync(() => _store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task Need_SendsTheObjectsAndThenTheFrame()
    {
        GatewayConnection connection = await WelcomeAsync();
        await ReadFrameAsync(connection, acknowledge: true);
        await AppendFrameAsync();
        Batch batch = await connection.ReadBatchAsync();
        EntryHeader frame = GatewayConnection.HeadersOf(batch).Single();
        await connection.AnswerAsync(GatewayConnection.Need(batch, frame.Seq, frame.ObjectId));
        List<EntryHeader> again = await ReadFrameAsync(connection, acknowledge: true);
        Assert.Contains(again, header => header.Kind == EntryKind.Object && header.ObjectId == frame.ObjectId);
        Assert.Equal(frame.Seq, again[^1].Seq);
        await UntilAsync(() => _store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task Reject_ThreeTimes_LeavesATombstoneAndTheNextGoesOn()
    {
        GatewayConnection connection = await WelcomeAsync();
        await ReadFrameAsync(connection, acknowledge: true);
        await AppendFrameAsync();
        ulong seq = 0;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            Batch batch = await connection.ReadBatchAsync();
            EntryHeader frame = GatewayConnection.HeadersOf(batch).Single();
            Assert.True(attempt == 0 || frame.Seq == seq);
            seq = frame.Seq;
            await connection.AnswerAsync(GatewayConnection.Reject(batch, RejectReason.Crc, 0));
        }

        Batch tombstones = await connection.ReadBatchAsync();
        Assert.Equal(EntryKind.Tombstone, GatewayConnection.HeadersOf(tombstones).Single().Kind);
        await connection.AckAsync(tombstones);
        await AppendFrameAsync();
        Batch next = await connection.ReadBatchAsync();
        Assert.Equal(EntryKind.Samples, GatewayConnection.HeadersOf(next).Single().Kind);
        await connection.AckAsync(next);
        await UntilAsync(() => _store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task Stream_BrokenOff_IsOpenedAgainAndWhatWasNotAckedComesAgain()
    {
        GatewayConnection connection = await WelcomeAsync();
        List<EntryHeader> first = await ReadFrameAsync(connection, acknowledge: false);
        connection.End(Grpc.Core.StatusCode.Unavailable);
        List<EntryHeader> second = await ReadFrameAsync(await WelcomeAsync(), acknowledge: true);
        Assert.Equal(first.Select(static header => header.Seq).Order(), second.Select(static header => header.Seq).Order());
        await UntilAsync(() => _store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task Directives_AreObeyedAndAnswered()
    {
        GatewayConnection connection = await WelcomeAsync();
        List<EntryHeader> seen = await ReadFrameAsync(connection, acknowledge: true);
        await UntilAsync(() => _store.UnsettledEntries == 0);
        ulong epoch = _store.OpenEpochs[^1].Epoch;
        long soon = TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        var resend = new Directive { Id = Google.Protobuf.ByteString.CopyFrom(new byte[16]), ExpiresMs = soon, Resend = new Resend { Epoch = epoch, Seqs = { new SeqRange { First = seen[^1].Seq, Last = seen[^1].Seq } } } };
        await connection.SendAsync(new ToAgent { Directive = resend });
        var answers = new List<ToGateway>();
        while (answers.Count < 2) answers.Add(await connection.ReadAsync());
        Assert.Contains(answers, static message => message.DirectiveResult?.Status == DirectiveStatus.Done);
        Batch again = answers.Select(static message => message.Batch).OfType<Batch>().Single();
        Assert.Contains(seen[^1].Seq, GatewayConnection.SeqsOf(again));
        await connection.AckAsync(again);

        await connection.SendAsync(new ToAgent { Directive = new Directive { Id = resend.Id, ExpiresMs = 1, NewEpoch = new NewEpoch { Epoch = epoch } } });
        Assert.Equal(DirectiveStatus.Expired, (await connection.ReadResultAsync()).Status);
        await connection.SendAsync(new ToAgent { Directive = new Directive { Id = resend.Id, ExpiresMs = soon, NewEpoch = new NewEpoch { Epoch = epoch } } });
        await UntilAsync(() => _store.OpenEpochs[^1].Epoch != epoch);
    }

    [Fact]
    public async Task Directive_NewIdentity_TakesANewIdAndWhatWasSpooledBeforeGoesUnderTheFormer()
    {
        AgentId former = _store.AgentId;
        GatewayConnection connection = await WelcomeAsync();
        List<EntryHeader> seen = await ReadFrameAsync(connection, acknowledge: false);
        ulong epoch = _store.CurrentEpoch;
        long soon = TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        var directive = new Directive { Id = Google.Protobuf.ByteString.CopyFrom(new byte[16]), ExpiresMs = soon, NewIdentity = new NewIdentity { AgentId = Bytes(former) } };
        await connection.SendAsync(new ToAgent { Directive = directive });
        // The agent connects anew under its new name; what it says last over the old connection may be lost with that.
        await UntilAsync(() => _store.AgentId != former);
        await AppendFrameAsync();

        GatewayConnection again = await NextAsync();
        Hello hello = await again.WelcomeAsync();
        Assert.Equal((Bytes(_store.AgentId), Bytes(former)), (hello.AgentId, Assert.Single(hello.FormerAgentIds)));
        var names = new Dictionary<ulong, Google.Protobuf.ByteString>();
        var objects = new Dictionary<ulong, int>();
        var frames = new Dictionary<ulong, int>();
        while (_store.UnsettledEntries > 0)
        {
            Batch batch = await again.ReadBatchAsync();
            names[batch.Epoch] = batch.AgentId;
            foreach (EntryHeader header in GatewayConnection.HeadersOf(batch))
            {
                Dictionary<ulong, int> counts = header.Kind == EntryKind.Object ? objects : frames;
                if (header.Kind is EntryKind.Object or EntryKind.Samples) counts[batch.Epoch] = counts.GetValueOrDefault(batch.Epoch) + 1;
            }

            await again.AckAsync(batch);
            await UntilAsync(() => GatewayConnection.SeqsOf(batch).All(seq => _store.IsSettled(batch.Epoch, seq)));
        }

        Assert.Equal((Bytes(former), Bytes(_store.AgentId)), (names[epoch], names[_store.CurrentEpoch]));
        // Each id has its own objects at the gateway.
        Assert.All([epoch, _store.CurrentEpoch], each => Assert.True(objects[each] >= 2 && frames[each] == 1));
        Assert.True(seen.Count > 0);

        // Told once more of the id that it has left: there is nothing left to do.
        await again.SendAsync(new ToAgent { Directive = directive });
        Assert.Equal(DirectiveStatus.Done, (await again.ReadResultAsync()).Status);
        Assert.Single(_store.FormerIds);
    }

    private static Google.Protobuf.ByteString Bytes(AgentId agent)
    {
        var id = new byte[AgentId.Size];
        agent.Write(id);
        return Google.Protobuf.ByteString.CopyFrom(id);
    }

    [Fact]
    public async Task Directive_LiveLease_IsHeldBoundedAndAnswered()
    {
        GatewayConnection connection = await WelcomeAsync();
        await ReadFrameAsync(connection, acknowledge: true);
        long soon = TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        async Task<DirectiveStatus> LeaseAsync(uint seconds, long expiresMs)
        {
            var id = Google.Protobuf.ByteString.CopyFrom(Guid.NewGuid().ToByteArray());
            await connection.SendAsync(new ToAgent { Directive = new Directive { Id = id, Issuer = "test", ExpiresMs = expiresMs, LiveLease = new LiveLease { Seconds = seconds } } });
            DirectiveResult result = await connection.ReadResultAsync();
            Assert.Equal(id, result.Id);
            return result.Status;
        }

        Assert.Equal(DirectiveStatus.Expired, await LeaseAsync(60, expiresMs: 1));
        Assert.Equal(DirectiveStatus.Refused, await LeaseAsync(0, soon));
        Assert.False(_signals.IsWatched);
        Assert.Equal(DirectiveStatus.Done, await LeaseAsync(60, soon));
        Assert.True(_signals.IsWatched);
        Assert.Equal(DirectiveStatus.Partly, await LeaseAsync(3600, soon));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        long begin = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < Patience, "what the test waits for does not hold");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private async Task AppendFrameAsync()
    {
        Schema schema = TestSeries.Schema();
        var builder = new FrameBuilder(schema, 1);
        var values = new double[schema.SeriesCount];
        var present = new byte[schema.SeriesCount];
        Array.Fill(present, (byte)1);
        builder.AddTick(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), values, present);
        await _store.AppendFrameAsync(builder, 0, CancellationToken.None);
    }

    private async Task<GatewayConnection> WelcomeAsync()
    {
        GatewayConnection connection = await NextAsync();
        await connection.WelcomeAsync();
        return connection;
    }

    private Task<GatewayConnection> NextAsync() => _gateway.Intake.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    // Everything up to and including the next frame.
    private static async Task<List<EntryHeader>> ReadFrameAsync(GatewayConnection connection, bool acknowledge)
    {
        var seen = new List<EntryHeader>();
        while (!seen.Exists(static header => header.Kind == EntryKind.Samples))
        {
            Batch batch = await connection.ReadBatchAsync();
            seen.AddRange(GatewayConnection.HeadersOf(batch));
            if (acknowledge) await connection.AckAsync(batch);
        }

        return seen;
    }
}
