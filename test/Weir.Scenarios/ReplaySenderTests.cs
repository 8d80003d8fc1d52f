using Weir.Bench.Replay;
using Weir.Frames;
using Weir.Protocol.V1;
using Weir.Scenarios.Replay;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios;

public sealed class ReplaySenderTests
{
    private const int Seconds = 83;

    private static readonly FleetSettings Fleet = new() { Hosts = 3 };

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(5, 1, null)]
    [InlineData(60, 3, null)]
    [InlineData(5, 4, 0L)]
    public async Task Send_ThreeHosts_FramesDecodeToTheRecording(int ticks, int batchFrames, long? maxEncodedBytes)
    {
        var intake = new ScriptedIntake();
        Recording recording = TestRecording.Create();

        ReplayTotals totals = await SendAsync(intake, recording, ticks, Fleet with { BatchFrames = batchFrames, MaxEncodedBytes = maxEncodedBytes });

        Assert.Equal(3, intake.Hosts.Count);
        Assert.All(intake.Hosts, static host => Assert.True(host.Value.IsGapFree));
        Assert.Equal(["replay-00001", "replay-00002", "replay-00003"], intake.Hosts.Values.Select(NameOf).Order(StringComparer.Ordinal));
        foreach ((string id, ReceivedHost host) in intake.Hosts)
        {
            Assert.Equal(id, host.Start!.HostAttributes.Single(static attribute => attribute.Key == "host.id").Value);
            int index = int.Parse(NameOf(host).AsSpan("replay-".Length), System.Globalization.CultureInfo.InvariantCulture) - 1;
            ReplayExpectation.AssertSame(ReplayExpectation.Samples(recording, index, Seconds), host.Samples);
            Assert.All(host.Undeclared.Values, static rest => Assert.Equal((0L, 0UL), rest));
            Assert.Equal(Math.Min(ticks, 60), host.FrameTicks.Max());
        }

        int samples = intake.Hosts.Values.Sum(static host => host.Samples.Count);
        Assert.Equal((samples, samples), (totals.SentSamples, totals.AckedSamples));
        Assert.Equal(intake.Hosts.Values.Sum(static host => host.FrameTicks.Count), totals.SentFrames);
        Assert.Equal(0, totals.NeededFrames);
        Assert.Equal(3, intake.Peers.Count);
    }

    [Fact]
    public async Task Send_NeedAnswered_ObjectsAndFrameGoAgain()
    {
        // Every object is acked and forgotten when it comes first: the gateway does not know the schema when the frames come.
        var intake = new ScriptedIntake { MaxBatchBytes = 64 };
        var forgotten = new HashSet<ulong>();
        intake.Script = (_, batch) => ScriptedIntake.HeadersOf(batch) is [{ Kind: EntryKind.Object } header] && forgotten.Add(header.Seq) ? AckOf(batch) : null;
        Recording recording = TestRecording.Create();

        ReplayTotals totals = await SendAsync(intake, recording, 5, Fleet with { Hosts = 1 });

        Assert.NotEmpty(forgotten);
        Assert.True(totals.NeededFrames > 0);
        ReplayExpectation.AssertSame(ReplayExpectation.Samples(recording, 0, Seconds), intake.Hosts.Values.Single().Samples);
    }

    [Fact]
    public async Task Send_RetryAnswered_EntriesGoAgain()
    {
        var intake = new ScriptedIntake();
        intake.Script = static (number, batch) =>
        {
            if (number % 3 != 0) return null;
            var retry = new Retry { Epoch = batch.Epoch, AfterMs = 1, Scope = RetryScope.Overload };
            retry.Seqs.AddRange(ScriptedIntake.SeqsOf(batch));
            return new Answer { Retry = retry };
        };
        Recording recording = TestRecording.Create();

        ReplayTotals totals = await SendAsync(intake, recording, 5, Fleet with { Hosts = 1 });

        Assert.True(totals.RetriedEntries > 0);
        ReplayExpectation.AssertSame(ReplayExpectation.Samples(recording, 0, Seconds), intake.Hosts.Values.Single().Samples);
        Assert.Equal(totals.SentSamples, totals.AckedSamples);
    }

    [Fact]
    public async Task Send_RejectAnswered_Fails()
    {
        var intake = new ScriptedIntake
        {
            Script = static (number, _) => number == 7 ? new Answer { Reject = new Reject { Indexes = { 0 }, Reason = RejectReason.Crc } } : null,
        };

        var failure = await Assert.ThrowsAsync<ReplayFailedException>(() => SendAsync(intake, TestRecording.Create(), 5, Fleet));

        Assert.Contains("reject", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Send_EntryAnsweredTwice_Fails()
    {
        var intake = new ScriptedIntake();
        intake.Script = static (number, batch) =>
        {
            if (number != 4) return null;
            Answer answer = AckOf(batch);
            answer.Ack.Seqs.Add(answer.Ack.Seqs[0]);
            return answer;
        };

        var failure = await Assert.ThrowsAsync<ReplayFailedException>(() => SendAsync(intake, TestRecording.Create(), 5, Fleet));

        Assert.Contains("not on its way", failure.Message, StringComparison.Ordinal);
    }

    private static string NameOf(ReceivedHost host) => host.Start!.HostAttributes.Single(static attribute => attribute.Key == "host.name").Value;

    private static Answer AckOf(Batch batch)
    {
        var ack = new Ack { Epoch = batch.Epoch };
        ack.Seqs.AddRange(ScriptedIntake.SeqsOf(batch));
        return new Answer { Ack = ack };
    }

    private static async Task<ReplayTotals> SendAsync(ScriptedIntake intake, Recording recording, int ticks, FleetSettings settings)
    {
        await using ScriptedGateway gateway = await ScriptedGateway.StartAsync(intake);
        using var plan = new ReplayPlan(recording, Seconds, ticks);
        using var fleet = new ReplayFleet(plan, settings, gateway.Address, TimeProvider.System);
        await fleet.OpenAsync(null, TestContext.Current.CancellationToken);
        await fleet.SendAsync(TestContext.Current.CancellationToken);
        return fleet.Totals;
    }
}
