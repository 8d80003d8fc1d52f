using Microsoft.AspNetCore.Http;
using Weir.Agent.Uploads;
using Weir.Log;

namespace Weir.Agent.Tests.Uploads;

public sealed class FileUploadTests : IAsyncLifetime
{
    private const int Chunks = 9;

    private readonly string _path = Path.GetTempFileName();
    private readonly byte[] _content = new byte[((Chunks - 1) * ScriptedUploads.ChunkBytes) + 7];
    private readonly List<string> _complaints = [];
    private UploadProgress _progress;
    private ScriptedUploads? _gateway;

    private static Uri Nobody { get; } = new("http://127.0.0.1:9");

    private ScriptedUploads Gateway => _gateway!;

    public async ValueTask InitializeAsync()
    {
        new Random(1).NextBytes(_content);
        await File.WriteAllBytesAsync(_path, _content, TestContext.Current.CancellationToken);
        _gateway = await ScriptedUploads.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        File.Delete(_path);
    }

    [Fact]
    public async Task Run_NothingThere_SendsEachChunkOnce()
    {
        Assert.Equal("final", await RunAsync());
        Assert.Equal(_content, Gateway.File);
        Assert.Equal((Chunks, Chunks, Chunks, _content.Length), (_progress.There, _progress.Chunks, _progress.SentChunks, _progress.SentBytes));
    }

    [Fact]
    public async Task Run_SomeThere_SendsTheRest()
    {
        foreach (int chunk in (int[])[0, 3, 8]) Gateway.Chunks[chunk] = _content[(chunk * ScriptedUploads.ChunkBytes)..Math.Min(_content.Length, (chunk + 1) * ScriptedUploads.ChunkBytes)];
        await RunAsync();
        Assert.Equal(_content, Gateway.File);
        Assert.Equal(Chunks - 3, Gateway.Requests.Count(static request => request.StartsWith("PUT", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(409, "busy")]
    [InlineData(422, "wrong_hash")]
    [InlineData(503, "store_failed")]
    [InlineData(507, "disk_full")]
    [InlineData(404, "unknown_upload")]
    [InlineData(502, "")]
    public async Task Run_ChunkRefusedForNow_IsSentAgainAndNoOther(int status, string error)
    {
        int refusals = 0;
        Gateway.Script = http => http.Request.Path.Value!.EndsWith("/2", StringComparison.Ordinal) && Interlocked.Increment(ref refusals) <= 2
            ? ScriptedUploads.RefuseAsync(http, status, error)
            : Task.FromResult(false);
        await RunAsync();
        Assert.Equal(_content, Gateway.File);
        Assert.Equal(Chunks + 2, _progress.SentChunks);
        Assert.Equal(2, _complaints.Count);
    }

    [Theory]
    [InlineData(507, "agent_quota")]
    [InlineData(413, "file_too_large")]
    [InlineData(429, "too_many")]
    public async Task Run_RefusedForGood_SaysSoAtOnce(int status, string error)
    {
        Gateway.Script = http => ScriptedUploads.RefuseAsync(http, status, error);
        UploadException refused = await Assert.ThrowsAsync<UploadException>(RunAsync);
        Assert.Equal((error, "as the test says"), (refused.Error, refused.Message));
        Assert.Single(Gateway.Requests);
    }

    [Fact]
    public async Task Run_CommitFindsDamage_SendsThatChunkAgain()
    {
        int commits = 0;
        Gateway.Script = http =>
        {
            if (!http.Request.Path.Value!.EndsWith("/commit", StringComparison.Ordinal) || Interlocked.Increment(ref commits) > 1) return Task.FromResult(false);
            Gateway.Chunks.TryRemove(4, out _);
            return ScriptedUploads.RefuseAsync(http, 409, "damaged");
        };
        Assert.Equal("final", await RunAsync());
        Assert.Equal(_content, Gateway.File);
        Assert.Equal(Chunks + 1, _progress.SentChunks);
    }

    [Fact]
    public async Task Run_BytesChangedOnTheWayEachTime_GivesUp()
    {
        Gateway.Script = static http => HttpMethods.IsPut(http.Request.Method) ? ScriptedUploads.RefuseAsync(http, 422, "wrong_hash") : Task.FromResult(false);
        UploadException refused = await Assert.ThrowsAsync<UploadException>(RunAsync);
        Assert.Contains("changes the bytes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"uploadId":"../../etc/passwd","chunkSize":65536}""")]
    [InlineData("""{"uploadId":"0123456789abcdef0123456789abcdef","chunkSize":1}""")]
    [InlineData("""{"uploadId":"0123456789abcdef0123456789abcdef","chunkSize":2000000000}""")]
    [InlineData("""{"uploadId":"0123456789abcdef0123456789abcdef","chunkSize":65536,"uploaded":[99]}""")]
    [InlineData("nonsense")]
    public async Task Run_AnswerThatCannotBe_IsNotFollowed(string answer)
    {
        Gateway.Script = async http =>
        {
            await http.Response.WriteAsync(answer);
            return true;
        };
        Assert.Contains("cannot be used", (await Assert.ThrowsAsync<UploadException>(RunAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FirstGatewayDown_TakesTheNext()
    {
        await RunAsync(Nobody, Gateway.Address);
        Assert.Equal(_content, Gateway.File);
    }

    [Fact]
    public async Task Run_NobodyThere_GivesUpAfterItsPatience()
    {
        UploadException gone = await Assert.ThrowsAsync<UploadException>(() => RunAsync(Nobody));
        Assert.Equal((UploadException.Unreachable, false), (gone.Error, gone.IsFinal));
    }

    private Task<string> RunAsync() => RunAsync(Gateway.Address);

    private async Task<string> RunAsync(params Uri[] gateways)
    {
        using var client = new UploadClient(gateways, new AgentId(1, 2), new SocketsHttpHandler());
        TimeSpan patience = gateways.Length == 1 && gateways[0].Port == 9 ? TimeSpan.Zero : TimeSpan.FromMinutes(1);
        var upload = new FileUpload(client, TimeProvider.System, progress => _progress = progress, _complaints.Add) { Patience = patience };
        return await upload.RunAsync(_path, "file", TestContext.Current.CancellationToken);
    }
}
