using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Collection;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>From a gateway's directive over a real connection to the length of frames.</summary>
public sealed class LiveLeaseTests : IAsyncLifetime
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-lease-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private ScriptedGateway _gateway = null!;
    private AgentStore _store = null!;
    private FakeCollector _cpu = null!;
    private EngineHarness _harness = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _cpu = new FakeCollector("cpu", "0");
        _harness = new EngineHarness(collectors: _cpu);
        _gateway = await ScriptedGateway.StartAsync();
        _store = await AgentStore.OpenAsync(
            new AgentStoreOptions(Path.Combine(_work, "agent"), 64 << 20, [new SeriesAttribute("host.name", "alpha")]), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);
        var options = new UplinkOptions([_gateway.Address], "1.2.3", "TestOS");
        _running = new Uplink(options, _store, _harness.Signals, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
        await _store.DisposeAsync();
        await _gateway.DisposeAsync();
        _harness.Dispose();
        _cpu.Dispose();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Each_tick_is_a_frame_while_the_gateway_holds_a_lease_and_five_are_one_after_it()
    {
        GatewayConnection connection = await _gateway.Intake.NextAsync(TestContext.Current.CancellationToken);
        await connection.WelcomeAsync();
        await _harness.RunAsync(TimeSpan.FromSeconds(7.6));
        Assert.Equal([5], Lengths());

        await DirectAsync(connection, new Directive { LiveLease = new LiveLease { Seconds = 10 } });
        await _harness.RunAsync(TimeSpan.FromSeconds(4));
        // What was gathered goes with the first tick of the lease.
        Assert.Equal([5, 4, 1, 1, 1], Lengths());
        await DirectAsync(connection, new Directive { LiveLease = new LiveLease { Seconds = 10 } });
        await _harness.RunAsync(TimeSpan.FromSeconds(25));

        Assert.Equal([5, 4, .. Enumerable.Repeat(1, 13), 5, 5, 5], Lengths());
    }

    [Fact]
    public async Task A_new_epoch_that_the_gateway_orders_begins_with_single_ticks()
    {
        GatewayConnection connection = await _gateway.Intake.NextAsync(TestContext.Current.CancellationToken);
        await connection.WelcomeAsync();
        await _harness.RunAsync(TimeSpan.FromSeconds(6));
        ulong epoch = _store.CurrentEpoch;

        await DirectAsync(connection, new Directive { NewEpoch = new NewEpoch { Epoch = epoch } });
        Assert.NotEqual(epoch, _store.CurrentEpoch);
        Assert.Equal(1, _harness.Signals.Epochs);
        // Told again of the epoch before: nothing begins anew.
        await DirectAsync(connection, new Directive { NewEpoch = new NewEpoch { Epoch = epoch } });
        Assert.Equal(1, _harness.Signals.Epochs);
    }

    private int[] Lengths() => [.. _harness.Sink.Frames.Select(static frame => frame.Header.Ticks)];

    private static async Task DirectAsync(GatewayConnection connection, Directive directive)
    {
        directive.Id = ByteString.CopyFrom(Guid.NewGuid().ToByteArray());
        directive.ExpiresMs = TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        await connection.SendAsync(new ToAgent { Directive = directive });
        Assert.Equal(DirectiveStatus.Done, (await connection.ReadResultAsync()).Status);
    }
}
