using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.TestKit.FileSystem;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>Sending while the disk does not give a part of the spool: what it gives goes, the rest follows, nothing is given up.</summary>
public sealed class UplinkReadFailureTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly CrashFileSystem _files = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<ulong> _seqs = [];
    private ScriptedGateway _gateway = null!;
    private AgentStore _store = null!;
    private Task _running = Task.CompletedTask;
    private volatile int _failures;

    public async ValueTask InitializeAsync()
    {
        _files.CreateDirectory("/");
        _gateway = await ScriptedGateway.StartAsync();
        _store = await AgentStore.OpenAsync(StoreHarness.Options("/data", 64 << 20, 64 << 10), _files, TimeProvider.System, NullLoggerFactory.Instance);
        for (int i = 0; i < 5; i++) await AppendFrameAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Patience);
        await _store.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Theory]
    [InlineData(EntryKind.Samples)]
    [InlineData(EntryKind.Object)]
    public async Task Entry_NotGivenForAMoment_GoesLaterAndIsNotGivenUp(EntryKind kind)
    {
        SpooledEntry victim = SpooledItem.ReadAll(_store).First(item => item.Header.Kind == kind).Entry;
        FailReads(victim.Position, victim.Length, times: 1);
        await SendAllAsync();
        Assert.Equal(0, _failures);
    }

    [Fact]
    public async Task Index_NotGivenForAMoment_WhatIsFreshGoesAndTheRestFollows()
    {
        List<SpooledItem> items = SpooledItem.ReadAll(_store);
        long indexAt = items[2].Entry.Position + items[2].Entry.Length + 40;
        FailReads(indexAt, 1, times: 2);
        await SendAllAsync();
        Assert.Equal(0, _failures);
    }

    private void FailReads(long position, int length, int times)
    {
        _failures = times;
        _files.BeforeRead = (path, offset, count) =>
        {
            if (_failures > 0 && path.EndsWith(".seg", StringComparison.Ordinal) && offset < position + length && offset + count > position)
            {
                _failures--;
                throw new IOException("Input/output error", 5);
            }
        };
    }

    // Every seq of the epoch comes, none behind a tombstone.
    private async Task SendAllAsync()
    {
        var options = new UplinkOptions([_gateway.Address], "1.2.3", "TestOS") { FirstDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(50) };
        _running = new Uplink(options, _store, new DeliverySignals(TimeProvider.System), TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);
        GatewayConnection connection = await _gateway.Intake.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
        await connection.WelcomeAsync();
        ulong last = _store.OpenEpochs[^1].LastSeq;
        while (_seqs.Count < (int)last)
        {
            Weir.Protocol.V1.Batch batch = await connection.ReadBatchAsync();
            foreach (EntryHeader header in GatewayConnection.HeadersOf(batch))
            {
                Assert.NotEqual(EntryKind.Tombstone, header.Kind);
                _seqs.Add(header.Seq);
            }

            await connection.AckAsync(batch);
        }

        Assert.Equal(last, _store.OpenEpochs[^1].LastSeq);
    }

    private async Task AppendFrameAsync()
    {
        FrameBuilder frame = TestSeries.Frame(TestSeries.Schema(), TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 1, 1);
        await _store.AppendFrameAsync(frame, 0, CancellationToken.None);
    }
}
