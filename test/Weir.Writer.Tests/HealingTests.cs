using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;
using Weir.Writer.Healing;

namespace Weir.Writer.Tests;

public sealed class HealingTests
{
    private const long T0 = 1_700_000_000_000;

    private readonly FakeTimeProvider _time = new();
    private readonly TestAgent _agent = new(1);

    [Fact]
    public async Task A_damaged_frame_leaves_the_set_durably_is_asked_for_and_stored_once_from_its_copy()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 5);
        fixture.Damage(fixture.Store.Frames[2]);
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, 5UL, 5UL)], fixture.Directives.TakeResends());
        Assert.Equal([3UL, 4UL, 6UL, 7UL], Seqs(fixture));
        Assert.False(Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing).IsLost);

        // Killed before the copy came: the name is still free, and asked for anew.
        await fixture.RestartAsync();
        Assert.Equal([3UL, 4UL, 6UL, 7UL], Seqs(fixture));
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, 5UL, 5UL)], fixture.Directives.TakeResends());
        await fixture.WriteAsync(_agent, _agent.ObjectsAgain(T0), LogClass.Backfill);
        await fixture.WriteAsync(_agent, [frames[2]], LogClass.Backfill);
        await fixture.WriteAsync(_agent, [frames[2]]);
        Assert.Equal([3UL, 4UL, 6UL, 7UL, 5UL], Seqs(fixture));
        Assert.Equal(LogClass.Backfill, fixture.Store.Frames[^1].LogClass);
        await AssertHealedAsync(fixture, [3, 4, 5, 6, 7]);
    }

    [Fact]
    public async Task A_frame_that_reads_whole_again_stays()
    {
        await using WriterFixture fixture = await CreateAsync();
        await WriteFramesAsync(fixture, 3);
        StoreFrame frame = fixture.Store.Frames[1];
        fixture.Damage(frame);
        fixture.FlipBit(LogClass.Live, Partition(fixture), frame.Position + frame.Length - 1);
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.Sent);
        Assert.Equal([3UL, 4UL, 5UL], Seqs(fixture));
    }

    [Fact]
    public async Task On_a_disk_that_takes_nothing_nobody_is_asked_before_the_name_has_left_durably()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 3);
        fixture.Damage(fixture.Store.Frames[0]);
        fixture.Files.FreeBytes = 0;
        Assert.ThrowsAny<IOException>(fixture.Writer.Heal);
        Assert.Empty(fixture.Directives.Sent);
        Assert.Equal([3UL, 4UL, 5UL], Seqs(fixture));
        fixture.Files.FreeBytes = null;
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, 3UL, 3UL)], fixture.Directives.TakeResends());
        await fixture.WriteAsync(_agent, [frames[0]]);
        await AssertHealedAsync(fixture, [3, 4, 5]);
    }

    [Fact]
    public async Task A_copy_that_came_before_the_damage_was_found_does_not_count_either()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 3);
        await fixture.WriteAsync(_agent, [frames[1]]);
        fixture.Damage(fixture.Store.Frames[1]);
        fixture.Writer.Heal();
        // Sealed up to here the snapshot must say what is in the parts: not that copy.
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync();
        await fixture.WriteAsync(_agent, [frames[1]]);
        Assert.Equal([4UL], Seqs(fixture));
        await AssertHealedAsync(fixture, [3, 4, 5]);
    }

    [Fact]
    public async Task A_damaged_frame_that_was_given_up_stays_so_behind_a_seal_and_its_row_goes_once_it_is_healed()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 4);
        fixture.Damage(fixture.Store.Frames[1]);
        fixture.Writer.Heal();
        fixture.Seal(Partition(fixture), Ends(fixture));
        Assert.NotEmpty(Book(fixture).Void);
        await fixture.RestartAsync();
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, 4UL, 4UL), (_agent.Epoch, 4UL, 4UL)], fixture.Directives.TakeResends());
        await fixture.WriteAsync(_agent, [frames[1]]);
        fixture.Seal(Partition(fixture), Ends(fixture));
        Assert.Empty(Book(fixture).Void);
        await AssertHealedAsync(fixture, [3, 4, 5, 6]);
    }

    [Fact]
    public async Task A_segment_that_is_gone_leaves_a_gap_that_is_asked_for_when_nothing_has_come_for_a_while()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 40);
        LogSegment segment = fixture.Log.Partition(LogClass.Live, Partition(fixture)).Segments[1];
        ulong[] lost = [.. fixture.Store.Frames.Where(frame => frame.Position >= segment.Start && frame.Position < segment.End).Select(static frame => frame.Entry.Seq)];
        Assert.NotEmpty(lost);
        await fixture.RestartAsync(() => fixture.Files.Delete(WriterFixture.PathOf(LogClass.Live, Partition(fixture), segment)));
        fixture.Writer.Heal();
        _time.Advance(fixture.GapPatience - TimeSpan.FromSeconds(1));
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.Sent);
        _time.Advance(TimeSpan.FromSeconds(1));
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, lost[0], lost[^1])], fixture.Directives.TakeResends());
        foreach (ulong seq in lost) await fixture.WriteAsync(_agent, [frames[seq - 3]]);
        await AssertHealedAsync(fixture, [.. Enumerable.Range(3, 40).Select(static seq => (ulong)seq)]);
    }

    [Fact]
    public async Task Damage_behind_thousands_of_refused_runs_is_asked_for_and_its_row_stays_until_it_is_healed()
    {
        await using WriterFixture fixture = await CreateAsync();
        fixture.Horizon = new Horizon { Ahead = TimeSpan.FromHours(1), Back = TimeSpan.FromDays(7) };
        await fixture.RestartAsync();
        await fixture.WriteAsync(_agent, _agent.Objects(T0), receivedMs: T0);
        long beyond = (long)TimeSpan.FromDays(30).TotalMilliseconds;
        byte[][] frames = [.. Enumerable.Range(0, 2200).Select(i => _agent.Frame(T0 + i + (i % 2 * beyond)))];
        await fixture.WriteAsync(_agent, frames, receivedMs: T0);
        StoreFrame last = fixture.Store.Frames[^1];
        fixture.Damage(last);
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, last.Entry.Seq, last.Entry.Seq)], fixture.Directives.TakeResends());
        Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing);
        fixture.Seal(Partition(fixture), Ends(fixture));
        Assert.Single(Book(fixture).Void);
        await fixture.WriteAsync(_agent, [frames[^2]], receivedMs: T0);
        Assert.Equal(last.Entry.Seq, fixture.Store.Frames[^1].Entry.Seq);
    }

    [Fact]
    public async Task A_backlog_that_comes_is_not_asked_for()
    {
        await using WriterFixture fixture = await CreateAsync();
        IReadOnlyList<byte[]> objects = _agent.Objects(T0);
        await fixture.WriteAsync(_agent, objects);
        await fixture.WriteAsync(_agent, objects, LogClass.Backfill);
        byte[][] backlog = [.. Enumerable.Range(0, 20).Select(i => _agent.Frame(T0 + (i * 1000)))];
        await fixture.WriteAsync(_agent, [_agent.Frame(T0 + 100_000)]);
        foreach (byte[] frame in backlog)
        {
            fixture.Writer.Heal();
            _time.Advance(fixture.GapPatience - TimeSpan.FromSeconds(1));
            await fixture.WriteAsync(_agent, [frame], LogClass.Backfill);
        }

        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.Sent);
    }

    [Fact]
    public async Task An_ended_epoch_is_asked_for_up_to_the_seq_that_the_next_one_names()
    {
        await using WriterFixture fixture = await CreateAsync();
        await WriteFramesAsync(fixture, 2);
        var next = new TestAgent(1, epoch: 99);
        byte[] start = new EntryWriter().Write(
            new EntryHeader { Kind = EntryKind.Declaration, Form = (byte)DeclarationKind.EpochStart, Seq = 1, FirstMs = T0 },
            new EpochStart { PreviousEpoch = _agent.Epoch, PreviousLastSeq = 7, HostAttributes = [new("host.name", "test-1")] }.Encode()).ToArray();
        await fixture.WriteAsync(next, [start]);
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync();
        fixture.Writer.Heal();
        _time.Advance(fixture.GapPatience);
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, 5UL, 7UL)], fixture.Directives.TakeResends());
    }

    [Fact]
    public async Task What_the_agent_no_longer_holds_is_lost_for_good_also_behind_a_restart_until_a_copy_comes_after_all()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 5);
        fixture.Directives.Answer = DirectiveStatus.Refused;
        fixture.Damage(fixture.Store.Frames[1]);
        fixture.Writer.Heal();
        Assert.Single(fixture.Directives.TakeResends());
        fixture.Writer.Heal();
        MissingEntries lost = Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing);
        Assert.Equal((4UL, 4UL, T0 + 1000, T0 + 1000, true), (lost.First, lost.Last, lost.FromMs, lost.ToMs, lost.IsLost));
        await fixture.RestartAsync();
        Assert.Equal(lost, Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing));
        _time.Advance(TimeSpan.FromDays(1));
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.Sent);
        await fixture.WriteAsync(_agent, [frames[1]]);
        fixture.Writer.Heal();
        Assert.Empty(fixture.Store.Partitions[Partition(fixture)].Missing);
        await AssertHealedAsync(fixture, [3, 4, 5, 6, 7]);
    }

    [Fact]
    public async Task What_the_agent_says_it_sends_and_never_comes_is_lost_after_eight_directives_ever_further_apart()
    {
        await using WriterFixture fixture = await CreateAsync();
        await WriteFramesAsync(fixture, 3);
        fixture.Damage(fixture.Store.Frames[0]);
        fixture.Directives.Answer = DirectiveStatus.Done;
        var asked = new List<TimeSpan>();
        for (TimeSpan at = TimeSpan.Zero; at < TimeSpan.FromHours(3); at += TimeSpan.FromSeconds(10), _time.Advance(TimeSpan.FromSeconds(10)))
        {
            fixture.Writer.Heal();
            if (fixture.Directives.TakeResends().Length > 0) asked.Add(at);
        }

        Assert.Equal([0, 30, 90, 210, 450, 930, 1530, 2130], asked.Select(static at => at.TotalSeconds));
        Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing);
    }

    [Fact]
    public async Task An_agent_that_is_not_connected_is_asked_when_it_is()
    {
        await using WriterFixture fixture = await CreateAsync();
        byte[][] frames = await WriteFramesAsync(fixture, 3);
        fixture.Damage(fixture.Store.Frames[0]);
        fixture.Directives.Connected = false;
        for (int i = 0; i < 1000; i++)
        {
            fixture.Writer.Heal();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.False(Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing).IsLost);
        fixture.Directives.Connected = true;
        _time.Advance(TimeSpan.FromMinutes(10));
        fixture.Writer.Heal();
        Assert.Single(fixture.Directives.TakeResends());
        await fixture.WriteAsync(_agent, [frames[0]]);
        await AssertHealedAsync(fixture, [3, 4, 5]);
    }

    [Fact]
    public async Task An_object_that_cannot_be_read_at_a_start_is_asked_for_and_releases_the_frames_that_wait()
    {
        await using WriterFixture fixture = await CreateAsync();
        IReadOnlyList<byte[]> objects = _agent.Objects(T0);
        await fixture.WriteAsync(_agent, [objects[0]]);
        await fixture.WriteAsync(_agent, [objects[1]]);
        long end = Ends(fixture).Live;
        await WriteFramesAsync(fixture, 3, objects: false);
        await fixture.RestartAsync(() => fixture.FlipBit(LogClass.Live, Partition(fixture), end - 1));
        Assert.Empty(fixture.Store.Frames);
        fixture.Writer.Heal();
        Assert.Equal([(_agent.Epoch, 2UL, 2UL)], fixture.Directives.TakeResends());
        await fixture.WriteAsync(_agent, [objects[1]]);
        Assert.Equal([3UL, 4UL, 5UL], Seqs(fixture));
        await AssertHealedAsync(fixture, [3, 4, 5]);
    }

    [Fact]
    public async Task An_object_damaged_behind_the_first_reading_is_in_the_snapshot()
    {
        await using WriterFixture fixture = await CreateAsync();
        IReadOnlyList<byte[]> objects = _agent.Objects(T0);
        await fixture.WriteAsync(_agent, [objects[0]]);
        await fixture.WriteAsync(_agent, [objects[1]]);
        long end = Ends(fixture).Live;
        byte[][] frames = await WriteFramesAsync(fixture, 3, objects: false);
        fixture.FlipBit(LogClass.Live, Partition(fixture), end - 1);
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync();
        foreach (byte[] frame in frames) await fixture.WriteAsync(_agent, [frame]);
        await fixture.WriteAsync(_agent, [_agent.Frame(T0 + 50_000)]);
        Assert.Equal([6UL], Seqs(fixture));
        await AssertHealedAsync(fixture, [3, 4, 5, 6]);
    }

    [Fact]
    public async Task What_lies_outside_the_horizon_is_not_asked_for_and_a_later_copy_passes_anew()
    {
        await using WriterFixture fixture = await WriterFixture.CreateAsync(new Horizon(), _time);
        await fixture.WriteAsync(_agent, _agent.Objects(T0), receivedMs: T0);
        byte[] early = _agent.Frame(T0 + 3_600_000);
        await fixture.WriteAsync(_agent, [early, _agent.Frame(T0)], receivedMs: T0);
        Assert.Equal([4UL], Seqs(fixture));
        fixture.Seal(Partition(fixture), Ends(fixture));
        await fixture.RestartAsync();
        fixture.Writer.Heal();
        _time.Advance(TimeSpan.FromDays(1));
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.Sent);
        // An hour later it is as good as any, and replaces the one in quarantine.
        await fixture.WriteAsync(_agent, [early], receivedMs: T0 + 3_600_000);
        Assert.Equal([3UL], Seqs(fixture));
        await fixture.RestartAsync();
        Assert.Equal([3UL], Seqs(fixture));
    }

    [Fact]
    public async Task Rows_of_what_is_lost_go_behind_a_seal_and_with_the_horizon()
    {
        _time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(T0));
        await using WriterFixture fixture = await WriterFixture.CreateAsync(new Horizon(), _time);
        await fixture.WriteAsync(_agent, _agent.Objects(T0), receivedMs: T0);
        for (int i = 0; i < 3; i++) await fixture.WriteAsync(_agent, [_agent.Frame(T0 + (i * 1000))], receivedMs: T0);
        fixture.Directives.Answer = DirectiveStatus.Refused;
        fixture.Damage(fixture.Store.Frames[1]);
        fixture.Writer.Heal();
        fixture.Writer.Heal();
        Assert.Equal((1, 1), (Book(fixture).Void.Count, Book(fixture).Lost.Count));

        // The row of its copies says nothing more once the log that holds them has gone.
        fixture.Seal(Partition(fixture), Ends(fixture));
        Assert.Equal((0, 1), (Book(fixture).Void.Count, Book(fixture).Lost.Count));
        Assert.True(Assert.Single(fixture.Store.Partitions[Partition(fixture)].Missing).IsLost);

        _time.Advance(new Horizon().Back!.Value + TimeSpan.FromSeconds(3));
        fixture.Directives.Sent.Clear();
        for (int i = 0; i < 3; i++)
        {
            fixture.Writer.Heal();
            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Empty(Book(fixture).Lost);
        Assert.Empty(fixture.Store.Partitions[Partition(fixture)].Missing);
        Assert.Empty(fixture.Directives.Sent);
    }

    [Fact]
    public void DamageBook_Full_TakesNoMoreAndSaysSo()
    {
        var files = new TestKit.FileSystem.CrashFileSystem();
        files.CreateDirectory("/");
        DamageBook book = DamageBook.Open(files, "/damage", 0);
        var agent = new AgentKey("default", _agent.Id);
        VoidEntries[] rows = [.. Enumerable.Range(0, DamageBook.MaxRows + 10).Select(i => new VoidEntries(agent, 1, (ulong)(2 * i) + 1, (ulong)(2 * i) + 1, new LogPositions(9, 9), 0, 0))];
        Assert.Equal(DamageBook.MaxRows, book.Add(rows));
        book = DamageBook.Open(files, "/damage", 0);
        Assert.True(book.IsVoid(agent, 1, 1, LogClass.Live, 8));
        Assert.False(book.IsVoid(agent, 1, 1, LogClass.Live, 9));
        Assert.False(book.IsVoid(agent, 1, (2 * DamageBook.MaxRows) + 1, LogClass.Live, 8));
        book.Keep(static row => row.First < 5, static _ => true);
        Assert.Equal(2, DamageBook.Open(files, "/damage", 0).Void.Count);
    }

    [Fact]
    public void DamageBook_Bytes_AreThoseOfTheFormatPage()
    {
        var agent = new AgentKey("t", new AgentId(1, 2));
        byte[] bytes = DamageBookCodec.Encode([new VoidEntries(agent, 3, 4, 6, new LogPositions(7, 8), 9, 11)], [new MissingEntries(agent, 3, 1, 1, 0, 0, IsLost: true)]);
        Assert.Equal(
            "57454952444D473101D281451C01017400000000000000010000000000000002030000000000000004020902070801017400000000000000010000000000000002030000000000000001000000",
            Convert.ToHexString(bytes));
        (List<VoidEntries> gone, List<MissingEntries> lost) = DamageBookCodec.Decode(bytes, "book");
        Assert.Equal((4UL, 6UL, 8L), (gone[0].First, gone[0].Last, gone[0].Before.Backfill));
        Assert.Equal((1UL, 0L), (lost[0].First, lost[0].FromMs));
    }

    [Fact]
    public void DamageBook_DamagedOrNewer_IsRefusedWithItsName()
    {
        byte[] bytes = DamageBookCodec.Encode([], []);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] broken = [.. bytes];
            broken[i] ^= 0x40;
            Assert.Contains("/book", Assert.Throws<InvalidDataException>(() => DamageBookCodec.Decode(broken, "/book")).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidDataException>(() => DamageBookCodec.Decode(bytes.AsSpan(0, i), "/book"));
        }
    }

    private async Task<WriterFixture> CreateAsync() => await WriterFixture.CreateAsync(time: _time);

    private async Task<byte[][]> WriteFramesAsync(WriterFixture fixture, int count, bool objects = true)
    {
        if (objects) await fixture.WriteAsync(_agent, _agent.Objects(T0));
        byte[][] frames = [.. Enumerable.Range(0, count).Select(i => _agent.Frame(T0 + (i * 1000)))];
        foreach (byte[] frame in frames) await fixture.WriteAsync(_agent, [frame]);
        return frames;
    }

    // Each name once, wherever it stands, before and behind a restart, and nobody is asked any more.
    private async Task AssertHealedAsync(WriterFixture fixture, ulong[] seqs)
    {
        Assert.Equal(seqs, Stored(fixture));
        fixture.Directives.TakeResends();
        fixture.Writer.Heal();
        await fixture.RestartAsync();
        Assert.Equal(seqs, Stored(fixture));
        _time.Advance(TimeSpan.FromDays(1));
        fixture.Writer.Heal();
        Assert.Empty(fixture.Directives.TakeResends());
        Assert.Empty(fixture.Store.Partitions[Partition(fixture)].Missing);
    }

    private static IEnumerable<ulong> Stored(WriterFixture fixture) => fixture.Store.Sealed.Concat(fixture.Store.Frames).Select(static frame => frame.Entry.Seq).Order();

    private static IEnumerable<ulong> Seqs(WriterFixture fixture) => fixture.Store.Frames.Select(static frame => frame.Entry.Seq);

    private int Partition(WriterFixture fixture) => _agent.Id.Partition(fixture.Log.PartitionCount);

    private LogPositions Ends(WriterFixture fixture) =>
        new(fixture.Log.Partition(LogClass.Live, Partition(fixture)).DurableEnd, fixture.Log.Partition(LogClass.Backfill, Partition(fixture)).DurableEnd);

    private DamageBook Book(WriterFixture fixture) => DamageBook.Open(fixture.Files, "/quarantine/damage", Partition(fixture));
}
