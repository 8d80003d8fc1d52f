using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway.Tests.Uploads;

public sealed class UploadStoreTests
{
    private const int Size = (3 * UploadHarness.ChunkBytes) + 100;

    private readonly UploadHarness _harness = new();
    private readonly byte[] _content = UploadHarness.Content(Size);

    [Fact]
    public async Task Commit_AllChunks_IsTheFile()
    {
        Upload upload = await _harness.BeginAsync(_content);
        Assert.Equal(4, upload.State.ChunkCount);
        foreach (int chunk in (int[])[2, 0, 3, 1]) Assert.Equal(UploadError.None, (await _harness.PutAsync(upload, _content, chunk)).Error);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
        Assert.True(upload.IsCommitted);
        Assert.Equal(_content, _harness.Stored(upload));
        Assert.Equal([upload.Id + ".data", upload.Id + ".state"], _harness.Names);
    }

    [Fact]
    public async Task Commit_Twice_AnswersTheSame()
    {
        Upload upload = await _harness.BeginAsync(_content);
        await _harness.PutAllAsync(upload, _content);
        UploadAnswer first = await _harness.CommitAsync(upload);
        Assert.Equal(first, await _harness.CommitAsync(upload));
        _harness.Restart();
        Upload again = await _harness.BeginAsync(_content);
        Assert.True(again.IsCommitted);
        Assert.Equal((UploadError.None, upload.Id), ((await _harness.CommitAsync(again)).Error, again.Id));
    }

    [Fact]
    public async Task Begin_EmptyFile_IsWholeAtOnce()
    {
        Upload upload = await _harness.BeginAsync([]);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
    }

    [Fact]
    public async Task Begin_SameContentAgain_GoesOnWhereItStands()
    {
        Upload upload = await _harness.BeginAsync(_content);
        await _harness.PutAsync(upload, _content, 1);
        Assert.Same(upload, await _harness.BeginAsync(_content));
        _harness.Restart();
        upload = await _harness.BeginAsync(_content);
        Assert.Equal([1], upload.ChunksIn(ChunkState.Success));
        Assert.Equal([0, 2, 3], upload.ChunksIn(ChunkState.Pending));
    }

    [Fact]
    public async Task Begin_SameContentOfAnotherAgent_IsAnotherUpload()
    {
        Upload mine = await _harness.BeginAsync(_content), theirs = await _harness.BeginAsync(_content, new UploadOwner("default", new AgentId(9, 9)));
        Assert.NotEqual(mine.Id, theirs.Id);
        Assert.Null(_harness.Store.Find(_harness.Owner, theirs.Id));
        Assert.Null(_harness.Store.Find(_harness.Owner with { Tenant = "other" }, mine.Id));
    }

    [Fact]
    public async Task Put_WrongHash_FailsTheChunkAndTakesItLater()
    {
        Upload upload = await _harness.BeginAsync(_content);
        byte[] wrong = UploadHarness.Content(UploadHarness.ChunkBytes, seed: 2);
        UploadAnswer answer = await _harness.PutAsync(upload, 0, wrong, ContentId.Of(UploadHarness.Chunk(_content, 0)));
        Assert.Equal(UploadError.WrongHash, answer.Error);
        Assert.Equal([0], upload.ChunksIn(ChunkState.Failed));
        _harness.Restart();
        upload = await _harness.BeginAsync(_content);
        Assert.Equal([0], upload.ChunksIn(ChunkState.Failed));
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
        Assert.Equal(_content, _harness.Stored(upload));
    }

    [Fact]
    public async Task Put_WrongForEver_DoesNotLetTheStateGrow()
    {
        Upload upload = await _harness.BeginAsync(_content);
        string state = $"{UploadHarness.Directory}/{upload.Id}.state";
        byte[] wrong = UploadHarness.Content(UploadHarness.ChunkBytes, seed: 2);
        await _harness.PutAsync(upload, 0, wrong, default);
        int bytes = _harness.Files.Read(state).Length;
        for (int i = 0; i < 100; i++) await _harness.PutAsync(upload, 0, wrong, default);
        Assert.Equal(bytes, _harness.Files.Read(state).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1023)]
    [InlineData(1025)]
    [InlineData(100_000)]
    public async Task Put_WrongSize_IsRefusedAndNoNeighbourHarmed(int bytes)
    {
        Upload upload = await _harness.BeginAsync(_content);
        await _harness.PutAsync(upload, _content, 1);
        byte[] wrong = UploadHarness.Content(bytes, seed: 3);
        Assert.Equal(UploadError.WrongSize, (await _harness.PutAsync(upload, 0, wrong, ContentId.Of(wrong))).Error);
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
        Assert.Equal(_content, _harness.Stored(upload));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public async Task Put_ChunkOutOfRange_IsRefused(int chunk)
    {
        Upload upload = await _harness.BeginAsync(_content);
        Assert.Equal(UploadError.NoSuchChunk, (await _harness.PutAsync(upload, chunk, [], default)).Error);
    }

    [Fact]
    public async Task Put_ChunkOnItsWay_IsBusyForAnotherAndDoneForThoseBehind()
    {
        Upload upload = await _harness.BeginAsync(_content);
        byte[] bytes = UploadHarness.Chunk(_content, 0);
        var slow = new GatedStream(bytes);
        Task<UploadAnswer> first = _harness.Store.PutAsync(upload, 0, ContentId.Of(bytes), slow, TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(UploadError.Busy, (await _harness.PutAsync(upload, _content, 0)).Error);
        slow.Open();
        Assert.Equal(UploadError.None, (await first).Error);
        // Nothing of it is read: what is there is not written over.
        Assert.Equal(UploadError.None, (await _harness.PutAsync(upload, 0, [1, 2, 3], default)).Error);
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
    }

    [Fact]
    public async Task Put_MoreThanMayBeOnTheirWay_IsBusy()
    {
        _harness.Options = _harness.Options with { MaxChunksInFlight = 1 };
        Upload upload = await _harness.BeginAsync(_content);
        byte[] bytes = UploadHarness.Chunk(_content, 0);
        var slow = new GatedStream(bytes);
        Task<UploadAnswer> first = _harness.Store.PutAsync(upload, 0, ContentId.Of(bytes), slow, TestContext.Current.CancellationToken).AsTask();
        Assert.Equal(UploadError.Busy, (await _harness.PutAsync(upload, _content, 1)).Error);
        slow.Open();
        await first;
        Assert.Equal(UploadError.None, (await _harness.PutAsync(upload, _content, 1)).Error);
    }

    [Fact]
    public async Task Put_BodyBreaksOff_LeavesTheChunkPending()
    {
        Upload upload = await _harness.BeginAsync(_content);
        await Assert.ThrowsAsync<IOException>(async () => await _harness.Store.PutAsync(upload, 0, default, new BrokenStream(), TestContext.Current.CancellationToken));
        Assert.Equal([0, 1, 2, 3], upload.ChunksIn(ChunkState.Pending));
        await _harness.PutAllAsync(upload, _content);
    }

    [Fact]
    public async Task Put_DiskFull_IsAnsweredAndHealsWithRoom()
    {
        Upload upload = await _harness.BeginAsync(_content);
        _harness.Files.FreeBytes = 500;
        Assert.Equal(UploadError.DiskFull, (await _harness.PutAsync(upload, _content, 0)).Error);
        _harness.Files.FreeBytes = null;
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
    }

    [Fact]
    public async Task Put_FlushFails_DoesNotCount()
    {
        Upload upload = await _harness.BeginAsync(_content);
        _harness.Files.FailNextFlush = true;
        Assert.Equal(UploadError.StoreFailed, (await _harness.PutAsync(upload, _content, 0)).Error);
        Assert.Empty(upload.ChunksIn(ChunkState.Success));
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
    }

    [Fact]
    public async Task Commit_ChunksMissing_IsIncompleteAndGoesOn()
    {
        Upload upload = await _harness.BeginAsync(_content);
        await _harness.PutAsync(upload, _content, 0);
        UploadAnswer answer = await _harness.CommitAsync(upload);
        Assert.Equal(UploadError.Incomplete, answer.Error);
        Assert.Contains("3 of 4", answer.Message, StringComparison.Ordinal);
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
    }

    [Fact]
    public async Task Commit_AnotherFileThanAnnounced_IsGivenUpWhole()
    {
        Upload upload = await _harness.BeginAsync(_content);
        byte[] other = UploadHarness.Content(Size, seed: 5);
        await _harness.PutAllAsync(upload, other);
        Assert.Equal(UploadError.OtherFile, (await _harness.CommitAsync(upload)).Error);
        Assert.Empty(_harness.Names);
        Assert.Equal(UploadError.UnknownUpload, (await _harness.PutAsync(upload, _content, 0)).Error);
        upload = await _harness.BeginAsync(_content);
        await _harness.PutAllAsync(upload, _content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
    }

    [Fact]
    public async Task Commit_ChunkDamagedOnDisk_AsksForThatChunkAlone()
    {
        Upload upload = await _harness.BeginAsync(_content);
        await _harness.PutAllAsync(upload, _content);
        byte[] damaged = _harness.Stored(upload);
        damaged[1500] ^= 1;
        _harness.Files.Overwrite(_harness.Store.DataPath(upload.Id), damaged);
        Assert.Equal(UploadError.Damaged, (await _harness.CommitAsync(upload)).Error);
        _harness.Restart();
        upload = await _harness.BeginAsync(_content);
        Assert.Equal([1], upload.ChunksIn(ChunkState.Failed));
        Assert.Equal([0, 2, 3], upload.ChunksIn(ChunkState.Success));
        await _harness.PutAsync(upload, _content, 1);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
        Assert.Equal(_content, _harness.Stored(upload));
    }

    /// <summary>Gives its bytes when opened.</summary>
    private sealed class GatedStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open() => _gate.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await _gate.Task;
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>A connection that breaks off in the middle.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        private bool _begun;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_begun) throw new IOException("connection reset");
            _begun = true;
            return ValueTask.FromResult(100);
        }
    }
}
