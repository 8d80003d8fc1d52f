using System.Globalization;
using Google.Protobuf;
using Grpc.Net.Client;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.Scenarios.Replay;
using Weir.TestKit.Agents;

namespace Weir.Scenarios.Uploads;

/// <summary>The same entries by the stream and as chunks at once, over two gateways.</summary>
public sealed class StreamAndChunksTests : IDisposable
{
    private const long T0 = 1_700_000_000_000;
    private const int Frames = 60;
    private const int FramesPerChunk = 7;

    private readonly string _work = Directory.CreateTempSubdirectory("weir-chunks-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task The_same_entries_by_stream_and_in_chunks_at_once_are_stored_once()
    {
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\ngate: { horizon_ahead: off, horizon_back: off }\n", Cancellation);
        int[] ports = FreePorts.Take(3);
        string second = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{ports[2]}");
        var up = new WeirUp { DataDirectory = Path.Combine(_work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1], MoreArguments = ["--grpc", second] };
        var agent = new TestAgent(1);
        byte[] start = agent.EpochStart(T0);
        IReadOnlyList<byte[]> objects = agent.Objects(T0);
        byte[][] frames = [.. Enumerable.Range(0, Frames).Select(i => agent.Frame(T0 + (i * 1000)))];
        await using (WeirProcess weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), up, Cancellation))
        {
            using TestStream stream = await TestStream.ConnectAsync(weir.Grpc, agent.Id, Cancellation);
            using GrpcChannel channel = GrpcChannel.ForAddress($"http://{second}");
            var client = new Backfill.BackfillClient(channel);
            byte[][][] chunks = [[start, .. objects], .. frames.Chunk(FramesPerChunk).Select(each => (byte[][])[.. objects, .. each])];
            int acked = 0;
            Task byStream = StreamAsync(stream, agent, [start, .. objects, .. frames]);
            Task inChunks = Parallel.ForEachAsync(chunks, Cancellation, async (chunk, stop) =>
            {
                Answers answers = await client.TakeAsync(ToBatch(agent, chunk), cancellationToken: stop);
                Answer answer = Assert.Single(answers.Answers_);
                Assert.Equal(Answer.KindOneofCase.Ack, answer.KindCase);
                Interlocked.Add(ref acked, answer.Ack.Seqs.Sum(static range => (int)(range.Last - range.First + 1)));
            });
            await Task.WhenAll(byStream, inChunks);
            Assert.Equal(chunks.Sum(static chunk => chunk.Length), acked);
            await weir.StopAsync(TimeSpan.FromSeconds(60), Cancellation);
        }

        CommandResult result = await WeirProcess.RunAsync(
            WeirProcess.FindDll(), ["query", $$"""{host_id="{{agent.Id}}"}""", "--from", Seconds(T0 - 60_000), "--to", Seconds(T0 + 600_000), "--data", up.DataDirectory, "--output", "csv"], Cancellation);
        Assert.True(result.ExitCode == 0, result.Errors);
        // QueryCsv refuses a (series, time) that stands twice.
        Dictionary<(string Series, long TimeMs), ulong> stored = QueryCsv.Parse(result.Output);
        Assert.Equal(Frames * agent.Schema.SeriesCount, stored.Count);
        for (int i = 0; i < Frames; i++)
        {
            long time = T0 + (i * 1000);
            for (int s = 0; s < agent.Schema.SeriesCount; s++)
            {
                string instance = $"\"i{s}\"";
                Assert.Equal(BitConverter.DoubleToUInt64Bits(TestAgent.Value(1, s, time)), stored.Single(sample => sample.Key.TimeMs == time && sample.Key.Series.Contains(instance, StringComparison.Ordinal)).Value);
            }
        }
    }

    private static async Task StreamAsync(TestStream stream, TestAgent agent, byte[][] entries)
    {
        foreach (byte[] entry in entries) await stream.DeliverAsync(agent, [entry], Cancellation);
    }

    private static Batch ToBatch(TestAgent agent, byte[][] entries)
    {
        var run = new ByteWriter();
        foreach (byte[] entry in entries) EntryRun.Append(run, entry);
        var id = new byte[AgentId.Size];
        agent.Id.Write(id);
        return new Batch { AgentId = UnsafeByteOperations.UnsafeWrap(id), Epoch = agent.Epoch, StartNumber = 1, Class = EntryClass.Backfill, Entries = UnsafeByteOperations.UnsafeWrap(run.Written.ToArray()) };
    }

    private static string Seconds(long ms) => (ms / 1000).ToString(CultureInfo.InvariantCulture);
}
