using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Weir.Frames;
using Weir.Log;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

/// <summary>Whatever order, repetition, damage, seal and restart: each name ends in the store once, as it was sent first.</summary>
public sealed class ExactlyOnceTests
{
    private const long T0 = 1_700_000_000_000;
    private const int Frames = 24;

    private enum Step
    {
        Deliver,
        DeliverTwoGateways,
        ReplaySegment,
        Conflict,
        Tombstone,
        Damage,
        DamageObject,
        Seal,
        Restart,
        Heal,
    }

    [Fact]
    public async Task Any_order_of_deliveries_damage_seals_and_restarts_stores_each_frame_once()
    {
        int conflicts = 0, damages = 0, seals = 0, resends = 0;
        Gen<(Step Step, int Number, LogClass Class)[]> script = Gen.Select(
            Gen.Frequency(
                (12, Gen.Const(Step.Deliver)), (4, Gen.Const(Step.DeliverTwoGateways)), (2, Gen.Const(Step.ReplaySegment)), (2, Gen.Const(Step.Conflict)), (2, Gen.Const(Step.Tombstone)),
                (4, Gen.Const(Step.Damage)), (1, Gen.Const(Step.DamageObject)), (3, Gen.Const(Step.Seal)), (4, Gen.Const(Step.Restart)), (3, Gen.Const(Step.Heal))),
            Gen.Int[0, Frames - 1],
            Gen.Bool.Select(static backfill => backfill ? LogClass.Backfill : LogClass.Live)).Array[20, 60];
        await script.SampleAsync(
            async steps =>
            {
                await using var run = await Run.BeginAsync();
                foreach ((Step step, int number, LogClass logClass) in steps) await run.DoAsync(step, number, logClass);
                await run.FinishAsync();
                Interlocked.Add(ref conflicts, run.Conflicts);
                Interlocked.Add(ref damages, run.Damages);
                Interlocked.Add(ref seals, run.Seals);
                Interlocked.Add(ref resends, run.Resends);
            },
            iter: 150, threads: 2, print: static steps => string.Join(' ', steps.Select(static step => $"{step.Step}({step.Number},{step.Class})")));
        // A script that met none of it would prove nothing.
        Assert.True(conflicts > 10 && damages > 10 && seals > 10 && resends > 10, $"{conflicts} conflicts, {damages} damages, {seals} seals, {resends} resends");
    }

    /// <summary>One script: an agent whose spool holds all that it ever made.</summary>
    private sealed class Run : IAsyncDisposable
    {
        private readonly TestAgent _agent = new(1);
        private readonly FakeTimeProvider _time = new();
        private readonly List<byte[]> _objects = [];
        private readonly List<byte[]> _frames = [];
        private readonly List<byte[]> _extra = [];
        private readonly HashSet<ulong> _delivered = [];
        private readonly Dictionary<ulong, ulong> _first = [];
        private readonly HashSet<(LogClass, long)> _damaged = [];
        private readonly HashSet<ulong> _givenUp = [];

        // Where the writer has stood in both classes since it started: a store seals up to one of these.
        private readonly List<Contracts.LogPositions> _cuts = [];

        // Frames that waited for objects come late: a store seals up to behind what released them, as FrameStorePartition does.
        private Contracts.LogPositions _sealNotBefore;
        private WriterFixture _fixture = null!;

        public int Conflicts { get; private set; }

        public int Damages { get; private set; }

        public int Seals { get; private set; }

        public int Resends { get; private set; }

        private int Partition => _agent.Id.Partition(_fixture.Log.PartitionCount);

        private Contracts.LogPositions Progress => _fixture.Store.Partitions[Partition].Progress.Positions;

        private Contracts.LogPositions Ends => new(_fixture.Log.Partition(LogClass.Live, Partition).DurableEnd, _fixture.Log.Partition(LogClass.Backfill, Partition).DurableEnd);

        public static async Task<Run> BeginAsync()
        {
            var run = new Run();
            run._objects.AddRange(run._agent.Objects(T0));
            run._frames.AddRange(Enumerable.Range(0, Frames).Select(i => run._agent.Frame(T0 + (i * 1000))));
            run._fixture = await WriterFixture.CreateAsync(time: run._time, gapPatience: TimeSpan.FromMinutes(5));
            foreach (LogClass logClass in (LogClass[])[LogClass.Live, LogClass.Backfill]) await run.WriteAsync(run._objects, logClass);
            return run;
        }

        public async Task DoAsync(Step step, int number, LogClass logClass)
        {
            switch (step)
            {
                case Step.Deliver:
                    await WriteAsync(_frames.Skip(number).Take(1 + (number % 4)), logClass);
                    break;
                case Step.DeliverTwoGateways:
                    await Task.WhenAll(AppendAsync([_frames[number]], LogClass.Live), AppendAsync([_frames[number]], LogClass.Backfill));
                    await WriteAsync([], logClass);
                    break;
                case Step.ReplaySegment:
                    await WriteAsync([.. _objects, .. _frames.Take(number)], logClass);
                    break;
                case Step.Conflict:
                    await ConflictAsync(number, logClass);
                    break;
                case Step.Tombstone:
                    _extra.Add(_agent.Tombstone(SeqOf(_frames[number]), SeqOf(_frames[number]), T0));
                    _givenUp.Add(SeqOf(_frames[number]));
                    await WriteAsync([_extra[^1]], logClass);
                    break;
                case Step.Damage:
                    Damage(number);
                    break;
                case Step.DamageObject:
                    DamageObject(logClass);
                    break;
                case Step.Seal:
                    Seal(number);
                    break;
                case Step.Restart:
                    await _fixture.RestartAsync();
                    _cuts.Clear();
                    _cuts.Add(Ends);
                    break;
                default:
                    _fixture.Writer.Heal();
                    break;
            }

            AssertOnce();
        }

        /// <summary>The agent delivers the rest and obeys until nothing is asked for any more; once more behind a restart, which may settle a name by another of its copies.</summary>
        public async Task FinishAsync()
        {
            await WriteAsync([.. _objects, .. _frames.Where((_, i) => !_delivered.Contains((ulong)i + 3))], LogClass.Live);
            await ObeyAsync();
            AssertAll();
            // What was damaged and nobody has read since is found by this start.
            await _fixture.RestartAsync();
            AssertOnce();
            await ObeyAsync();
            AssertAll();
            Assert.All(_fixture.Store.Frames, frame => Assert.True(IsWhole(frame)));
        }

        private async Task ObeyAsync()
        {
            for (int round = 0; round < 50; round++)
            {
                FindDamaged();
                _fixture.Writer.Heal();
                _time.Advance(TimeSpan.FromMinutes(6));
                _fixture.Writer.Heal();
                (ulong, ulong First, ulong Last)[] asked = _fixture.Directives.TakeResends();
                if (asked.Length == 0) break;
                Resends++;
                await WriteAsync([.. _objects.Concat(_frames).Concat(_extra).Where(entry => Array.Exists(asked, range => SeqOf(entry) >= range.First && SeqOf(entry) <= range.Last))], LogClass.Live);
            }

            AssertOnce();
        }

        public ValueTask DisposeAsync() => _fixture.DisposeAsync();

        private IEnumerable<Contracts.StoreFrame> Stored => _fixture.Store.Sealed.Concat(_fixture.Store.Frames);

        private void AssertOnce()
        {
            Contracts.StoreFrame[] stored = [.. Stored];
            Assert.Equal(stored.Length, stored.Select(static frame => frame.Entry.Seq).Distinct().Count());
            foreach (Contracts.StoreFrame frame in stored) Assert.Equal(_first[frame.Entry.Seq], frame.Entry.ContentHash);
        }

        // What the agent gave up is not asked for: it is there where a whole copy came.
        private void AssertAll() => Assert.Empty(_frames.Select(SeqOf).Except(Stored.Select(static frame => frame.Entry.Seq)).Except(_givenUp));

        // Another machine with the same identity: only behind the original, whose content then stays.
        private async Task ConflictAsync(int number, LogClass logClass)
        {
            if (!_fixture.Store.Frames.Exists(frame => frame.Entry.Seq == SeqOf(_frames[number]))) return;
            Conflicts++;
            await _fixture.WriteAsync(_agent, [_agent.Frame(T0 + (number * 1000), seq: SeqOf(_frames[number]), shift: 7)], logClass);
        }

        private void Damage(int number)
        {
            if (_fixture.Store.Frames.Count == 0) return;
            Contracts.StoreFrame frame = _fixture.Store.Frames[number % _fixture.Store.Frames.Count];
            if (frame.Position >= LastRecord(frame.LogClass).Position || !_damaged.Add((frame.LogClass, frame.Position))) return;
            Damages++;
            _fixture.Damage(frame);
        }

        private void DamageObject(LogClass logClass)
        {
            if (!_damaged.Add((logClass, -1))) return;
            using ILogReader reader = _fixture.Log.OpenReader(logClass, Partition, 0);
            if (reader.TryRead(out LogEntry first) && first.Position < LastRecord(logClass).Position) _fixture.FlipBit(logClass, Partition, first.Position + first.PayloadLength - 1);
        }

        // A start takes a broken last block for one that never became durable.
        private LogEntry LastRecord(LogClass logClass)
        {
            using ILogReader reader = _fixture.Log.OpenReader(logClass, Partition, 0);
            LogEntry last = default;
            while (reader.TryRead(out LogEntry entry)) last = entry;
            return last;
        }

        // A store finds what it seals damaged, and the writer gives it up, before the progress moves.
        private void Seal(int number)
        {
            FindDamaged();
            _fixture.Writer.Heal();
            Contracts.LogPositions[] cuts = [.. _cuts.Where(cut => cut.Cover(_sealNotBefore) && cut.Cover(Progress) && cut != Progress)];
            if (cuts.Length == 0) return;
            Seals++;
            _fixture.Seal(Partition, cuts[number % cuts.Length]);
        }

        private async Task WriteAsync(IEnumerable<byte[]> entries, LogClass logClass)
        {
            await AppendAsync(entries, logClass);
            await _fixture.Writer.CatchUpAsync(CancellationToken.None);
            _cuts.Add(Ends);
            if (_fixture.Writer.QuarantinedEntries > 0) _sealNotBefore = Ends;
        }

        private async Task AppendAsync(IEnumerable<byte[]> entries, LogClass logClass)
        {
            byte[][] all = [.. entries];
            if (all.Length == 0) return;
            foreach (byte[] entry in all)
            {
                Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
                _delivered.Add(header.Seq);
                _first.TryAdd(header.Seq, header.ContentHash);
            }

            await _fixture.AppendAsync(_agent, all, logClass);
        }

        // What a store does when it reads or seals: reads every frame and says which are not what was sent.
        private void FindDamaged()
        {
            foreach (Contracts.StoreFrame frame in _fixture.Store.Frames.Where(frame => !IsWhole(frame)))
            {
                _fixture.Store.Partitions[Partition].Damaged.Add(new(
                    new("default", _agent.Id), frame.Record.Epoch, frame.Entry.Seq, frame.LogClass, frame.Position, frame.Length, frame.Entry.FirstMs, frame.LastMs));
            }
        }

        private bool IsWhole(Contracts.StoreFrame frame)
        {
            var bytes = new byte[frame.Length];
            return _fixture.Log.Partition(frame.LogClass, Partition).TryReadAt(frame.Position, bytes) && EntryHeader.TryRead(bytes, out _) == EntryError.None;
        }

        private static ulong SeqOf(byte[] entry) => EntryHeader.TryRead(entry, out EntryHeader header) == EntryError.None ? header.Seq : 0;
    }
}
