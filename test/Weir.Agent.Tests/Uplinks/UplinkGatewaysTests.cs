using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Network;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>Which gateway the agent goes to, when it comes back, and how fast a backlog goes, over real connections and real time.</summary>
public sealed class UplinkGatewaysTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-gateways-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly DeliverySignals _signals = new(TimeProvider.System);
    private readonly List<ScriptedGateway> _gateways = [];
    private AgentStore _store = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        for (int i = 0; i < 2; i++) _gateways.Add(await ScriptedGateway.StartAsync());
        _store = await AgentStore.OpenAsync(
            new AgentStoreOptions(Path.Combine(_work, "agent"), 64 << 20, [new SeriesAttribute("host.name", "alpha")]), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        await _store.DisposeAsync();
        foreach (ScriptedGateway gateway in _gateways) await gateway.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Gateways_EachThatFails_IsFollowedByTheNextWithoutTheLongDelay()
    {
        // The delay after a whole round is out of reach: only the next in the round can be tried.
        Start(new UplinkOptions([_gateways[0].Address, _gateways[1].Address], "1", "OS") { FirstDelay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromMilliseconds(50) });
        (int at, GatewayConnection connection) = await NextAsync();
        await connection.WelcomeAsync();
        connection.End(StatusCode.Unavailable);
        (int then, connection) = await NextAsync();
        Assert.NotEqual(at, then);
        connection.End(StatusCode.Unavailable);
        (int last, connection) = await NextAsync();
        Assert.Equal(at, last);
        await connection.WelcomeAsync();
    }

    [Fact]
    public async Task Gateway_ThatDoesNotAnswerAtAll_LeavesTheOthersInUse()
    {
        int port = FreePorts.Take(1)[0];
        Start(new UplinkOptions([new Uri($"http://127.0.0.1:{port}"), _gateways[1].Address], "1", "OS") { FirstDelay = TimeSpan.FromMilliseconds(50), MaxDelay = TimeSpan.FromMilliseconds(50) });
        (int at, GatewayConnection connection) = await NextAsync();
        Assert.Equal(1, at);
        await connection.WelcomeAsync();
    }

    [Fact]
    public async Task Connection_ThatLosesEverything_IsGivenUpLongBeforeHeartbeatsTell()
    {
        await using var proxy = new FaultProxy(new IPEndPoint(IPAddress.Loopback, _gateways[0].Address.Port));
        var options = new UplinkOptions([new Uri($"http://{proxy.EndPoint}")], "1", "OS") { PingDelay = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1) };
        Assert.True(options.HeartbeatInterval * options.MissedHeartbeats > Patience * 2);
        Start(options);
        (_, GatewayConnection connection) = await NextAsync();
        await connection.WelcomeAsync();
        await ReadAndAckAsync(connection);
        (proxy.Up, proxy.Down) = (new Toxic { Swallow = true }, new Toxic { Swallow = true });
        await AppendFrameAsync(TimeProvider.System.GetUtcNow());
        using var patience = new CancellationTokenSource(Patience);
        while (proxy.Accepted == 1) await Task.Delay(20, patience.Token);

        proxy.Heal();
        (_, connection) = await NextAsync();
        await connection.WelcomeAsync();
        await ReadAndAckAsync(connection);
    }

    [Fact]
    public async Task Drain_FinishesWhatIsUnanswered_AndComesBackWhenAsked()
    {
        Start(new UplinkOptions([_gateways[0].Address], "1", "OS") { FirstDelay = Never, MaxDelay = Never });
        (_, GatewayConnection connection) = await NextAsync();
        await connection.WelcomeAsync();
        Batch batch = await connection.ReadBatchAsync();
        await connection.SendAsync(new ToAgent { Drain = new Drain { AfterMs = 20 } });
        Assert.False(connection.Closed.IsCompleted);
        await connection.AckAsync(batch);
        await connection.Closed.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await AppendFrameAsync(TimeProvider.System.GetUtcNow());

        (_, connection) = await NextAsync();
        await connection.WelcomeAsync();
        await connection.AckAsync(await connection.ReadBatchAsync());
    }

    [Fact]
    public async Task Refusal_ThatSaysWhenToComeBack_IsObeyedWithinBounds()
    {
        Start(new UplinkOptions([_gateways[0].Address], "1", "OS") { FirstDelay = Never, MaxDelay = Never, LongestWait = TimeSpan.FromMilliseconds(50) });
        (_, GatewayConnection connection) = await NextAsync();
        connection.End(StatusCode.ResourceExhausted, new Metadata.Entry("retry-after-ms", "3600000"));
        (_, connection) = await NextAsync();
        await connection.WelcomeAsync();
    }

    [Fact]
    public async Task Backlog_GoesAtTheGrantedRate_AndWhatIsFreshBesideIt()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        for (int i = 0; i < 200; i++) await AppendFrameAsync(now.AddHours(-1).AddSeconds(i));
        Start(new UplinkOptions([_gateways[0].Address], "1", "OS") { MaxBatchBytes = 1024 });
        (_, GatewayConnection connection) = await NextAsync();
        // One batch overdraws for hours.
        await connection.WelcomeAsync(backfill: 1);
        while ((await ReadAndAckAsync(connection)).Class != EntryClass.Backfill) { }
        await AppendFrameAsync(TimeProvider.System.GetUtcNow());
        Batch fresh = await ReadAndAckAsync(connection);
        Assert.Equal(EntryClass.Live, fresh.Class);
        Assert.True(_store.UnsettledEntries > 100);

        await connection.SendAsync(new ToAgent { Grant = new Grant { BackfillBytesPerS = 0 } });
        while (_store.UnsettledEntries > 0)
        {
            if (connection.TryRead(out ToGateway? message) && message?.Batch is { } batch) await connection.AckAsync(batch);
            else await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<Batch> ReadAndAckAsync(GatewayConnection connection)
    {
        Batch batch = await connection.ReadBatchAsync();
        await connection.AckAsync(batch);
        return batch;
    }

    private void Start(UplinkOptions options) => _running = new Uplink(options, _store, _signals, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);

    // The next connection at any of the gateways, and at which.
    private async Task<(int Gateway, GatewayConnection Connection)> NextAsync()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<GatewayConnection>[] next = [.. _gateways.Select(gateway => gateway.Intake.NextAsync(enough.Token).AsTask())];
        Task<GatewayConnection> first = await Task.WhenAny(next).WaitAsync(Patience);
        await enough.CancelAsync();
        return (Array.IndexOf(next, first), await first);
    }

    private async Task AppendFrameAsync(DateTimeOffset at)
    {
        Schema schema = TestSeries.Schema();
        var builder = new FrameBuilder(schema, 1);
        var values = new double[schema.SeriesCount];
        var present = new byte[schema.SeriesCount];
        Array.Fill(present, (byte)1);
        builder.AddTick(at.ToUnixTimeMilliseconds(), values, present);
        await _store.AppendFrameAsync(builder, 0, CancellationToken.None);
    }
}
