using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway.Tests.Uploads;

/// <summary>Quotas, ages, and states that cannot be read.</summary>
public sealed class UploadLimitTests
{
    private readonly UploadHarness _harness = new()
    {
        Options = new UploadOptions { ChunkBytes = UploadHarness.ChunkBytes, MaxBytes = 10_000, MaxBytesPerAgent = 6_000, MaxOpen = 3, MaxFiles = 5 },
    };

    private static UploadOwner Agent(ulong number) => new("default", new AgentId(7, number));

    private static UploadClaim Claim(long size, int number = 0) => new(ContentId.Of(BitConverter.GetBytes(number)), size, UploadKind.File);

    [Theory]
    [InlineData(1L << 40)]
    [InlineData(long.MaxValue)]
    [InlineData(6_001)]
    public async Task Begin_ClaimBeyondAnyFile_IsRefusedAtOnceAndLeavesNothing(long size)
    {
        UploadAnswer answer = await _harness.TryBeginAsync(Claim(size));
        Assert.Equal(UploadError.FileTooLarge, answer.Error);
        Assert.Contains("6000", answer.Message, StringComparison.Ordinal);
        Assert.Empty(_harness.Names);
    }

    [Fact]
    public async Task Begin_BeyondTheQuotas_IsRefusedByItsName()
    {
        Assert.Equal(UploadError.None, (await _harness.TryBeginAsync(Claim(4_000, 1), Agent(1))).Error);
        Assert.Equal(UploadError.AgentQuota, (await _harness.TryBeginAsync(Claim(4_000, 2), Agent(1))).Error);
        Assert.Equal(UploadError.None, (await _harness.TryBeginAsync(Claim(4_000, 2), Agent(2))).Error);
        Assert.Equal(UploadError.Quota, (await _harness.TryBeginAsync(Claim(4_000, 3), Agent(3))).Error);
        Assert.Equal(UploadError.None, (await _harness.TryBeginAsync(Claim(2_000, 3), Agent(3))).Error);
        Assert.Equal(UploadError.TooMany, (await _harness.TryBeginAsync(Claim(0, 4), Agent(4))).Error);
        // What is known goes on whatever the limits.
        Assert.Equal(UploadError.None, (await _harness.TryBeginAsync(Claim(4_000, 1), Agent(1))).Error);
        Assert.Equal(6, _harness.Names.Count());
    }

    [Fact]
    public async Task Begin_OneAgentBeyondItsShare_IsRefusedAndOthersAreNot()
    {
        var harness = new UploadHarness { Options = new UploadOptions { ChunkBytes = UploadHarness.ChunkBytes, MaxOpenPerAgent = 2, MaxFilesPerAgent = 3 } };
        for (int i = 1; i <= 2; i++) Assert.Equal(UploadError.None, (await harness.TryBeginAsync(Claim(100, i), Agent(1))).Error);
        UploadAnswer refused = await harness.TryBeginAsync(Claim(100, 3), Agent(1));
        Assert.Equal((UploadError.TooMany, "2 uploads of this agent are going on, as many as there may be"), (refused.Error, refused.Message));
        Assert.Equal(UploadError.None, (await harness.TryBeginAsync(Claim(100, 3), Agent(2))).Error);
        byte[][] files = [.. Enumerable.Range(1, 3).Select(static i => UploadHarness.Content(i))];
        foreach (byte[] content in files)
        {
            Upload upload = await harness.BeginAsync(content, Agent(3));
            await harness.PutAllAsync(upload, content);
            await harness.CommitAsync(upload);
        }

        refused = await harness.TryBeginAsync(Claim(100, 3), Agent(3));
        Assert.Equal((UploadError.TooMany, "3 files of this agent are kept, as many as there may be"), (refused.Error, refused.Message));
    }

    [Fact]
    public async Task Begin_MoreFilesThanMayBe_IsRefused()
    {
        for (int i = 0; i < 5; i++) await _harness.CommitAsync(await BeginEmptyAsync((ulong)i + 1));
        Assert.Equal(UploadError.TooMany, (await _harness.TryBeginAsync(UploadHarness.Claim([]), Agent(9))).Error);
    }

    [Fact]
    public async Task Collect_AbandonedAndExpired_GoAndMakeRoom()
    {
        byte[] content = UploadHarness.Content(3_000);
        Upload whole = await _harness.BeginAsync(content), abandoned = await _harness.BeginAsync(content, Agent(1)), alive = await _harness.BeginAsync(content, Agent(2));
        await _harness.PutAllAsync(whole, content);
        await _harness.CommitAsync(whole);
        _harness.Time.Advance(TimeSpan.FromDays(4));
        await _harness.PutAsync(alive, content, 0);
        _harness.Time.Advance(TimeSpan.FromDays(3));
        _harness.Restart();
        Assert.Equal(1, await _harness.Store.CollectAsync(TestContext.Current.CancellationToken));
        Assert.Null(_harness.Store.Find(Agent(1), abandoned.Id));
        Assert.Equal(4, _harness.Names.Count());
        _harness.Time.Advance(TimeSpan.FromDays(23));
        Assert.Equal(2, await _harness.Store.CollectAsync(TestContext.Current.CancellationToken));
        Assert.Empty(_harness.Names);
    }

    [Fact]
    public async Task Open_DamagedHeader_IsDroppedAndBegunAnew() => await AssertDroppedAsync(static state => state[10] ^= 1);

    [Fact]
    public async Task Open_DamagedRecordWithOthersBehind_IsDroppedAndBegunAnew() => await AssertDroppedAsync(static state => state[^120] ^= 1);

    [Fact]
    public async Task Open_LastRecordTorn_CostsThatChunkAlone()
    {
        byte[] content = UploadHarness.Content(3_000);
        Upload upload = await _harness.BeginAsync(content);
        await _harness.PutAllAsync(upload, content);
        string path = $"{UploadHarness.Directory}/{upload.Id}.state";
        _harness.Files.Overwrite(path, _harness.Files.Read(path).AsSpan()[..^7]);
        _harness.Restart();
        upload = await _harness.BeginAsync(content);
        Assert.Equal([0, 1], upload.ChunksIn(ChunkState.Success));
        await _harness.PutAllAsync(upload, content);
        _harness.Restart();
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(await _harness.BeginAsync(content))).Error);
    }

    [Fact]
    public async Task Open_DataShorterThanItsState_IsDropped()
    {
        byte[] content = UploadHarness.Content(3_000);
        Upload upload = await _harness.BeginAsync(content);
        await _harness.PutAllAsync(upload, content);
        _harness.Files.Overwrite(_harness.Store.DataPath(upload.Id), content.AsSpan(0, 2_000));
        _harness.Restart();
        Assert.Empty(_harness.Names);
    }

    [Fact]
    public async Task Open_StateOfANewerVersion_IsLeftAlone()
    {
        byte[] content = UploadHarness.Content(3_000);
        Upload upload = await _harness.BeginAsync(content);
        string path = $"{UploadHarness.Directory}/{upload.Id}.state";
        byte[] state = _harness.Files.Read(path);
        state[4] = 2;
        _harness.Files.Overwrite(path, state);
        _harness.Restart();
        Assert.Equal(2, _harness.Names.Count());
        Assert.Equal(UploadError.StoreFailed, (await _harness.TryBeginAsync(UploadHarness.Claim(content))).Error);
    }

    private async Task AssertDroppedAsync(Action<byte[]> damage)
    {
        byte[] content = UploadHarness.Content(3_000);
        Upload upload = await _harness.BeginAsync(content);
        await _harness.PutAllAsync(upload, content);
        string path = $"{UploadHarness.Directory}/{upload.Id}.state";
        byte[] state = _harness.Files.Read(path);
        damage(state);
        _harness.Files.Overwrite(path, state);
        _harness.Restart();
        Assert.Empty(_harness.Names);
        upload = await _harness.BeginAsync(content);
        Assert.Equal(3, upload.Missing);
        await _harness.PutAllAsync(upload, content);
        Assert.Equal(UploadError.None, (await _harness.CommitAsync(upload)).Error);
        Assert.Equal(content, _harness.Stored(upload));
    }

    private async Task<Upload> BeginEmptyAsync(ulong agent) => await _harness.BeginAsync([], Agent(agent));
}
