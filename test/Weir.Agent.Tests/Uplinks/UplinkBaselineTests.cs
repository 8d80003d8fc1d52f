using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Agent.Uplinks;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>Baselines over real connections: a gateway that has only what came over one stream and class decodes every frame.</summary>
public sealed class UplinkBaselineTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-baseline-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private readonly DeliverySignals _signals = new(TimeProvider.System);
    private readonly Schema _schema = TestSeries.Schema();
    private readonly long _start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000;
    private GroupProfiles _profiles = new(1000);
    private ScriptedGateway _gateway = null!;
    private AgentStore _store = null!;
    private Task _running = Task.CompletedTask;
    private int _ticks;

    public async ValueTask InitializeAsync()
    {
        _gateway = await ScriptedGateway.StartAsync();
        await OpenAsync();
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
    public async Task Each_connection_brings_baselines_ahead_of_their_frames_and_the_last_one_again()
    {
        await AppendAsync(120);
        Start();
        GatewayConnection connection = await WelcomeAsync();
        ObjectShelf first = await ReadFramesAsync(connection, 120);
        Assert.Equal((110, 3), (first.ProfiledFrames, first.Baselines));
        connection.End(Grpc.Core.StatusCode.Unavailable);

        connection = await WelcomeAsync();
        await AppendAsync(5);
        ObjectShelf second = await ReadFramesAsync(connection, 5);
        Assert.Equal((5, 1), (second.ProfiledFrames, second.Baselines));
    }

    [Fact]
    public async Task A_backlog_of_a_start_before_comes_with_its_baselines()
    {
        // Older than a minute: they go as backfill, beside what is fresh.
        await AppendAsync(150, agoMs: 600_000);
        await _store.DisposeAsync();
        _profiles = new GroupProfiles(1000);
        await OpenAsync();
        await AppendAsync(20);
        Start();

        GatewayConnection connection = await WelcomeAsync();
        ObjectShelf[] shelves = [new(), new()];
        while (shelves[0].Frames < 20 || shelves[1].Frames < 150) await ReadBatchAsync(connection, shelves);
        Assert.Equal((10, 140), (shelves[0].ProfiledFrames, shelves[1].ProfiledFrames));
    }

    [Fact]
    public async Task Need_of_a_baseline_brings_it_and_then_the_frame()
    {
        await AppendAsync(15);
        Start();
        GatewayConnection connection = await WelcomeAsync();
        await ReadFramesAsync(connection, 15);
        await AppendAsync(1);
        Batch batch = await connection.ReadBatchAsync();
        EntryHeader frame = GatewayConnection.HeadersOf(batch).Single();
        Assert.Equal((byte)CodecId.Profiled, frame.Form);

        await connection.AnswerAsync(GatewayConnection.Need(batch, frame.Seq, frame.ObjectId));
        Batch again = await connection.ReadBatchAsync();
        Assert.Equal([frame.ObjectId, frame.ObjectId], GatewayConnection.HeadersOf(again).Select(static header => header.ObjectId));
        EntryHeader baseline = GatewayConnection.HeadersOf(again)[0];
        Assert.Equal((EntryKind.Object, (byte)ObjectKind.Baseline), (baseline.Kind, baseline.Form));

        // It does not know the schema either: now that comes ahead of the baseline.
        await connection.AnswerAsync(GatewayConnection.Need(again, baseline.Seq, _schema.Id.Short), GatewayConnection.Need(again, frame.Seq, frame.ObjectId));
        var headers = new List<EntryHeader>();
        while (!headers.Exists(static header => header.Kind == EntryKind.Samples))
        {
            Batch next = await connection.ReadBatchAsync();
            headers.AddRange(GatewayConnection.HeadersOf(next));
            await connection.AckAsync(next);
        }

        ulong[] order = [.. headers.Select(static header => header.ObjectId)];
        Assert.True(Array.IndexOf(order, _schema.Id.Short) is >= 0 and var at && at < Array.IndexOf(order, frame.ObjectId), "the schema stands ahead of the baseline");
        await UntilAsync(() => _store.UnsettledEntries == 0);
    }

    [Fact]
    public async Task Frames_whose_baseline_is_gone_are_declared_lost()
    {
        await AppendAsync(15);
        List<SpooledItem> items = SpooledItem.ReadAll(_store);
        await _store.BuryAsync(items.Single(static item => item.Entry.IsProfiled && item.Header.Kind == EntryKind.Object).Entry, DropReason.Damaged, TestContext.Current.CancellationToken);
        ulong[] orphans = [.. items.Where(static item => item.Entry.IsProfiled && item.Header.Kind == EntryKind.Samples).Select(static item => item.Seq)];
        Assert.Equal(5, orphans.Length);
        Start();

        GatewayConnection connection = await WelcomeAsync();
        var lost = new List<ulong>();
        while (lost.Count < orphans.Length)
        {
            Batch batch = await connection.ReadBatchAsync();
            EntryRun.Enumerator run = EntryRun.Read(batch.Entries.Span);
            while (run.MoveNext())
            {
                Assert.Equal(EntryError.None, EntryHeader.TryRead(run.Current, out EntryHeader header));
                Assert.NotEqual((byte)CodecId.Profiled, header.Kind == EntryKind.Samples ? header.Form : default);
                if (header.Kind == EntryKind.Tombstone && Tombstone.TryDecode(run.Current[header.HeaderBytes..]) is { Reason: DropReason.ObjectsGone } tombstone) lost.Add(tombstone.FirstSeq);
            }

            await connection.AckAsync(batch);
        }

        Assert.Equal(orphans, lost);
    }

    [Fact]
    public async Task A_frame_of_an_older_baseline_that_is_asked_for_again_brings_it_along()
    {
        await AppendAsync(40);
        Start();
        GatewayConnection connection = await WelcomeAsync();
        await ReadFramesAsync(connection, 40);
        await UntilAsync(() => _store.UnsettledEntries == 0);
        SpooledItem old = SpooledItem.ReadAll(_store).First(static item => item.Entry.IsProfiled && item.Header.Kind == EntryKind.Samples);

        var resend = new Resend { Epoch = old.Epoch, Seqs = { new SeqRange { First = old.Seq, Last = old.Seq } } };
        long soon = TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        await connection.SendAsync(new ToAgent { Directive = new Directive { Id = ByteString.CopyFrom(new byte[16]), ExpiresMs = soon, Resend = resend } });

        List<EntryHeader> headers = GatewayConnection.HeadersOf(await connection.ReadBatchAsync());
        Assert.Equal([(EntryKind.Object, old.Header.ObjectId), (EntryKind.Samples, old.Header.ObjectId)], headers.Select(static header => (header.Kind, header.ObjectId)));
    }

    [Fact]
    public async Task A_gateway_that_does_not_know_codec_1_is_found_out_by_Welcome_or_by_its_answer()
    {
        await AppendAsync(12);
        Start();
        GatewayConnection old = await NextAsync();
        Assert.Equal([0u, 1u], (await old.WelcomeAsync(profiled: false)).Codecs);
        await UntilAsync(() => !_signals.TakesProfiled);
        old.End();

        GatewayConnection claims = await NextAsync();
        await claims.WelcomeAsync();
        await UntilAsync(() => _signals.TakesProfiled);
        while (_signals.TakesProfiled)
        {
            Batch batch = await claims.ReadBatchAsync();
            await claims.RetryAsync(batch, RetryScope.Version, 60_000);
            if (GatewayConnection.HeadersOf(batch).Exists(static header => header is { Kind: EntryKind.Samples, Form: (byte)CodecId.Profiled })) await UntilAsync(() => !_signals.TakesProfiled);
        }

        // What it does not know waits for a gateway that does.
        Assert.True(_store.UnsettledEntries >= 2);
    }

    private async Task OpenAsync() => _store = await AgentStore.OpenAsync(
        new AgentStoreOptions(Path.Combine(_work, "agent"), 64 << 20, [new SeriesAttribute("host.name", "alpha")]), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);

    private void Start()
    {
        var options = new UplinkOptions([_gateway.Address], "1.2.3", "TestOS") { FirstDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(50) };
        _running = new Uplink(options, _store, _signals, TimeProvider.System, NullLoggerFactory.Instance).RunAsync(_stop.Token);
    }

    // Ticks a tenth of a second apart in time, so that a hundred of them are still fresh.
    private async Task AppendAsync(int frames, long agoMs = 0)
    {
        for (int i = 0; i < frames; i++)
        {
            FrameBuilder frame = TestSeries.Frame(_schema, _start - agoMs + (100 * _ticks++), 1, i);
            int samples = frame.SampleCount;
            frame.Baseline = _profiles.Gather(frame, 0);
            int bytes = await _store.AppendFrameAsync(frame, 0, CancellationToken.None);
            if (frame.Baseline is not null) _profiles.Spooled(1, samples, bytes);
            _profiles.RenewIfDue();
        }
    }

    private async Task<GatewayConnection> NextAsync() => await _gateway.Intake.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    private async Task<GatewayConnection> WelcomeAsync()
    {
        GatewayConnection connection = await NextAsync();
        await connection.WelcomeAsync();
        return connection;
    }

    private static async Task<ObjectShelf> ReadFramesAsync(GatewayConnection connection, int frames)
    {
        ObjectShelf[] shelves = [new(), new()];
        while (shelves[0].Frames < frames) await ReadBatchAsync(connection, shelves);
        return shelves[0];
    }

    private static async Task ReadBatchAsync(GatewayConnection connection, ObjectShelf[] shelves)
    {
        Batch batch = await connection.ReadBatchAsync();
        EntryRun.Enumerator run = EntryRun.Read(batch.Entries.Span);
        while (run.MoveNext())
        {
            Assert.Equal(EntryError.None, EntryHeader.TryRead(run.Current, out EntryHeader header));
            shelves[(int)batch.Class].Take(header, run.Current);
        }

        await connection.AckAsync(batch);
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
}
