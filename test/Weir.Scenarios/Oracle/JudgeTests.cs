using Weir.Frames;
using Weir.Log;
using Weir.TestKit.Agents;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>The oracle sees what it is there to see: each broken promise, made by hand, is named.</summary>
public sealed class JudgeTests : IAsyncDisposable
{
    private const long Ms = 1_700_000_000_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-judge-").FullName;
    private readonly TestAgent _agent = new(1);
    private readonly MadeEntries _made = new();
    private readonly SegmentArchive _archive;
    private readonly SegmentLog _log;

    public JudgeTests()
    {
        _archive = new SegmentArchive(Path.Combine(_directory, "log"), Path.Combine(_directory, "archive"));
        _log = SegmentLog.Open(new PhysicalFileSystem(), Path.Combine(_directory, "log"), new SegmentLogOptions());
    }

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Of_EverythingInTheLog_NothingIsWrong()
    {
        for (int i = 0; i < 3; i++) await StoreAsync(Make(_agent.Frame(Ms + (i * 1000L))));
        await StoreAsync(_made.Entries.Values.First().Bytes);

        Verdict verdict = Judge.Of(_made, LogEntries.Read(_archive));

        Assert.Null(verdict.Failure);
        Assert.Equal((3, 3, 1), (verdict.Made, verdict.Stored, verdict.DeliveredAgain));
    }

    [Fact]
    public async Task Of_OneIsNowhere_Lost()
    {
        Make(_agent.Frame(Ms));
        await StoreAsync(Make(_agent.Frame(Ms + 1000)));

        Assert.Equal(1ul, Assert.Single(Judge.Of(_made, LogEntries.Read(_archive)).Lost).Seq);
    }

    [Fact]
    public async Task Of_AGapThatNobodySaw_Lost()
    {
        _agent.Frame(Ms);
        await StoreAsync(Make(_agent.Frame(Ms + 1000)));

        Assert.Equal(1ul, Assert.Single(Judge.Of(_made, LogEntries.Read(_archive)).Lost).Seq);
    }

    [Fact]
    public async Task Of_OtherBytesUnderAKnownName_Corrupted()
    {
        Make(_agent.Frame(Ms));
        await StoreAsync(_agent.Frame(Ms, seq: 1, shift: 1));

        Assert.Single(Judge.Of(_made, LogEntries.Read(_archive)).Corrupted);
    }

    [Fact]
    public async Task Of_AnEntryThatNobodyMade_Unexpected()
    {
        await StoreAsync(_agent.Frame(Ms));

        Assert.Single(Judge.Of(_made, LogEntries.Read(_archive)).Unexpected);
    }

    [Fact]
    public async Task Of_ATombstoneThatArrived_DropsWhatItNames()
    {
        _made.Narrow.Add(_agent.Id);
        Make(_agent.Frame(Ms));
        await StoreAsync(Make(_agent.Tombstone(1, 1, Ms)));

        Verdict verdict = Judge.Of(_made, LogEntries.Read(_archive));

        Assert.Null(verdict.Failure);
        Assert.Equal(1, verdict.Dropped[DropReason.SpoolBudget]);
    }

    [Theory]
    [InlineData(DropReason.Damaged, false, false, false)]
    [InlineData(DropReason.Damaged, false, true, false)]
    [InlineData(DropReason.Damaged, true, false, true)]
    [InlineData(DropReason.Rejected, false, true, false)]
    [InlineData(DropReason.SpoolBudget, false, false, false)]
    [InlineData(DropReason.SpoolBudget, true, false, false)]
    [InlineData(DropReason.SpoolBudget, false, true, true)]
    [InlineData(DropReason.ObjectsGone, false, false, false)]
    [InlineData(DropReason.ObjectsGone, false, true, true)]
    [InlineData(DropReason.ObjectsGone, true, false, true)]
    public async Task Of_ATombstoneThatNothingCalledFor_IsFalse(DropReason reason, bool wereDamaged, bool isNarrow, bool isCalledFor)
    {
        Make(_agent.Frame(Ms));
        await StoreAsync(Make(_agent.Tombstone(1, 1, Ms, reason)));
        if (wereDamaged) _made.Damaged.Add(_agent.Id);
        if (isNarrow) _made.Narrow.Add(_agent.Id);

        Assert.Equal(isCalledFor ? 0 : 1, Judge.Of(_made, LogEntries.Read(_archive)).FalseTombstones.Count);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Of_ATombstoneThatCountsOtherSamplesThanItsEntriesHeld_IsFalse(int times, bool isTrue)
    {
        _made.Narrow.Add(_agent.Id);
        EntryHeader.TryRead(Make(_agent.Frame(Ms)), out EntryHeader header);
        await StoreAsync(Make(_agent.Tombstone(1, 1, Ms, samples: times * header.SampleCount)));

        Assert.Equal(isTrue ? 0 : 1, Judge.Of(_made, LogEntries.Read(_archive)).FalseTombstones.Count);
    }

    [Fact]
    public void Of_ATombstoneThatNeverArrived_DropsNothing()
    {
        Make(_agent.Frame(Ms));
        Make(_agent.Tombstone(1, 1, Ms));

        Assert.Equal(2, Judge.Of(_made, LogEntries.Read(_archive)).Lost.Count);
    }

    private byte[] Make(byte[] entry)
    {
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
        _made.Add(new EntryName(_agent.Id, _agent.Epoch, header.Seq), new MadeEntry(1, entry));
        return entry;
    }

    private async Task StoreAsync(byte[] entry)
    {
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
        var record = new RecordBuilder();
        record.Begin(new RecordHeader { Tenant = "default", AgentId = _agent.Id, Epoch = _agent.Epoch, StartNumber = 1 });
        record.Add(entry, header.HeaderBytes);
        await _log.AppendAsync(record.Index, record.Record, TestContext.Current.CancellationToken);
    }
}
