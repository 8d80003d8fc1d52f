using System.Collections.Concurrent;
using Grpc.Core;
using Weir.Frames;
using Weir.Protocol.V1;

namespace Weir.Scenarios.Replay;

/// <summary>A gateway that keeps in memory what it acks, and answers otherwise where its script says so.</summary>
internal sealed class ScriptedIntake : Intake.IntakeBase
{
    private int _batches;

    /// <summary>The answer to a batch, by its number since the start; null: ACK.</summary>
    public Func<int, Batch, Answer?> Script { get; set; } = static (_, _) => null;

    public uint CreditBytes { get; set; } = 1 << 20;

    public uint MaxBatchBytes { get; set; } = 1 << 20;

    /// <summary>What was acked, by agent id in hexadecimal.</summary>
    public ConcurrentDictionary<string, ReceivedHost> Hosts { get; } = [];

    /// <summary>Connections that brought a stream.</summary>
    public ConcurrentDictionary<string, int> Peers { get; } = [];

    public override async Task Stream(IAsyncStreamReader<ToGateway> requestStream, IServerStreamWriter<ToAgent> responseStream, ServerCallContext context)
    {
        Peers.AddOrUpdate(context.Peer, 1, static (_, count) => count + 1);
        Assert.True(await requestStream.MoveNext(context.CancellationToken));
        Hello hello = requestStream.Current.Hello;
        Assert.Equal(16, hello.AgentId.Length);
        var welcome = new Welcome { Protocol = 1, GatewayId = "scripted", CreditBytes = CreditBytes, MaxBatchBytes = MaxBatchBytes, MaxEntryBytes = FrameLimits.MaxEntryBytes };
        await responseStream.WriteAsync(new ToAgent { Welcome = welcome }, context.CancellationToken);
        ReceivedHost host = Hosts.GetOrAdd(Convert.ToHexStringLower(hello.AgentId.Span), static _ => new ReceivedHost());
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            Batch batch = requestStream.Current.Batch;
            Assert.Equal(hello.AgentId, batch.AgentId);
            Assert.Equal(1u, batch.StartNumber);
            Assert.Equal(hello.Epochs[0].Epoch, batch.Epoch);
            Answer answer = Script(Interlocked.Increment(ref _batches), batch) ?? Accept(host, batch);
            answer.Batch = batch.Number;
            await responseStream.WriteAsync(new ToAgent { Answers = new Answers { Answers_ = { answer } } }, context.CancellationToken);
        }
    }

    /// <summary>The headers of a batch's entries.</summary>
    public static EntryHeader[] HeadersOf(Batch batch)
    {
        var headers = new List<EntryHeader>();
        EntryRun.Enumerator run = EntryRun.Read(batch.Entries.Span);
        while (run.MoveNext())
        {
            Assert.Equal(EntryError.None, EntryHeader.TryRead(run.Current, out EntryHeader header));
            headers.Add(header);
        }

        Assert.False(run.Torn);
        return [.. headers];
    }

    /// <summary>The seqs of a batch as ranges of one.</summary>
    public static IEnumerable<SeqRange> SeqsOf(Batch batch) =>
        HeadersOf(batch).Select(static header => new SeqRange { First = header.Seq, Last = header.Seq });

    // Like a gateway: a batch whose frames name objects never seen is not taken.
    private static Answer Accept(ReceivedHost host, Batch batch)
    {
        EntryRun.Enumerator run = EntryRun.Read(batch.Entries.Span);
        ulong before = 0;
        while (run.MoveNext())
        {
            Assert.Equal(EntryError.None, EntryHeader.TryRead(run.Current, out EntryHeader header));
            Assert.True(header.Seq > before, "a batch is in seq order");
            before = header.Seq;
            if (header.Kind == EntryKind.Samples && !host.Knows(header.ObjectId))
            {
                var need = new Need { Epoch = batch.Epoch, Objects = { header.ObjectId } };
                need.Seqs.AddRange(SeqsOf(batch));
                return new Answer { Need = need };
            }

            host.Add(run.Current, header);
        }

        var ack = new Ack { Epoch = batch.Epoch };
        ack.Seqs.AddRange(SeqsOf(batch));
        return new Answer { Ack = ack };
    }
}
