using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Weir.Gateway.Tests.Uploads;

/// <summary>The routes, over a real listener.</summary>
public sealed class UploadHttpTests : IAsyncLifetime
{
    private const int ChunkBytes = 64 * 1024;
    private const string Agent = "0000000000000001000000000000000a";

    private readonly byte[] _content = UploadHarness.Content((2 * ChunkBytes) + 5);
    private GatewayFixture? _fixture;
    private HttpClient? _http;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Http => _http!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await GatewayFixture.StartAsync(uploads: new UploadOptions { ChunkBytes = ChunkBytes });
        _http = new HttpClient { BaseAddress = _fixture.Addresses[0], DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        _http.DefaultRequestHeaders.Add("Weir-Agent", Agent);
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_fixture is not null) await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_file_goes_up_and_the_second_time_nothing_is_sent()
    {
        JsonElement context = await BeginAsync(_content);
        string id = context.GetProperty("uploadId").GetString()!;
        Assert.Equal((ChunkBytes, 0, "open"), (context.GetProperty("chunkSize").GetInt32(), context.GetProperty("uploaded").GetArrayLength(), context.GetProperty("state").GetString()));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(chunk => PutAsync(id, chunk, Chunk(chunk))));
        Assert.Equal([0, 1, 2], (await GetAsync(id)).GetProperty("uploaded").EnumerateArray().Select(static each => each.GetInt32()));
        using HttpResponseMessage commit = await CommitAsync(id);
        Assert.Equal(HttpStatusCode.OK, commit.StatusCode);
        string name = (await JsonAsync(commit)).GetProperty("name").GetString()!;
        Assert.Equal(_content, await File.ReadAllBytesAsync(_fixture!.UploadPath(name), Cancellation));
        using HttpResponseMessage again = await CommitAsync(id);
        Assert.Equal(name, (await JsonAsync(again)).GetProperty("name").GetString());
        Assert.Equal("whole", (await BeginAsync(_content)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Another_gateway_of_the_same_log_goes_on_with_the_upload()
    {
        string id = (await BeginAsync(_content)).GetProperty("uploadId").GetString()!;
        await PutAsync(id, 0, Chunk(0));
        using var other = new HttpClient { BaseAddress = _fixture!.Addresses[1], DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        other.DefaultRequestHeaders.Add("Weir-Agent", Agent);
        JsonElement state = await other.GetFromJsonAsync<JsonElement>(new Uri($"/api/upload/{id}", UriKind.Relative), Cancellation);
        Assert.Equal(1, state.GetProperty("uploaded").GetArrayLength());
    }

    [Fact]
    public async Task Two_clients_with_the_same_file_at_once_make_one_file()
    {
        string[] ids = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ => (await BeginAsync(_content)).GetProperty("uploadId").GetString()!));
        Assert.Equal(ids[0], ids[1]);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(each => PutUntilThereAsync(ids[0], each % 3)));
        HttpResponseMessage[] commits = await Task.WhenAll(CommitAsync(ids[0]), CommitAsync(ids[0]));
        Assert.All(commits, static commit => Assert.Equal(HttpStatusCode.OK, commit.StatusCode));
        foreach (HttpResponseMessage commit in commits) commit.Dispose();
    }

    [Fact]
    public async Task A_chunk_with_the_wrong_hash_is_refused_and_may_come_again()
    {
        string id = (await BeginAsync(_content)).GetProperty("uploadId").GetString()!;
        await AssertRefusedAsync(await SendChunkAsync(id, 0, Chunk(0), Digest(Chunk(1))), HttpStatusCode.UnprocessableEntity, "wrong_hash");
        Assert.Equal(0, (await GetAsync(id)).GetProperty("failed")[0].GetInt32());
        await PutAsync(id, 0, Chunk(0));
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest, "bad_request")]
    [InlineData("no JSON", HttpStatusCode.BadRequest, "bad_request")]
    [InlineData("""{"fileHash":"zz","fileSize":1}""", HttpStatusCode.BadRequest, "bad_request")]
    [InlineData("""{"fileHash":"3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80","fileSize":-1}""", HttpStatusCode.BadRequest, "bad_request")]
    [InlineData("""{"fileHash":"3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80","fileSize":1,"kind":"../x"}""", HttpStatusCode.BadRequest, "bad_request")]
    [InlineData("""{"fileHash":"3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80","fileSize":1000000000000}""", HttpStatusCode.RequestEntityTooLarge, "file_too_large")]
    public async Task A_context_that_cannot_be_is_refused(string body, HttpStatusCode status, string error)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        await AssertRefusedAsync(await Http.PostAsync(new Uri("/api/upload/context", UriKind.Relative), content, Cancellation), status, error);
    }

    [Fact]
    public async Task A_context_beyond_its_limit_is_refused()
    {
        using var content = new StringContent("{\"kind\":\"" + new string('x', 5000) + "\"}");
        await AssertRefusedAsync(await Http.PostAsync(new Uri("/api/upload/context", UriKind.Relative), content, Cancellation), HttpStatusCode.BadRequest, "bad_request");
    }

    [Theory]
    [InlineData("/api/upload/0123456789abcdef0123456789abcdef/commit", HttpStatusCode.NotFound, "unknown_upload")]
    [InlineData("/api/upload/..%2F..%2Fetc/commit", HttpStatusCode.NotFound, "unknown_upload")]
    public async Task An_upload_that_is_not_there_is_named_so(string path, HttpStatusCode status, string error) =>
        await AssertRefusedAsync(await Http.PostAsync(new Uri(path, UriKind.Relative), null, Cancellation), status, error);

    [Fact]
    public async Task Chunks_that_cannot_be_are_refused()
    {
        string id = (await BeginAsync(_content)).GetProperty("uploadId").GetString()!;
        await AssertRefusedAsync(await SendChunkAsync(id, 3, [], Digest([])), HttpStatusCode.BadRequest, "no_such_chunk");
        await AssertRefusedAsync(await SendChunkAsync(id, -1, [], Digest([])), HttpStatusCode.BadRequest, "bad_request");
        await AssertRefusedAsync(await SendChunkAsync(id, 0, Chunk(0), "sha-256=:AAAA:"), HttpStatusCode.BadRequest, "bad_request");
        await AssertRefusedAsync(await SendChunkAsync(id, 0, Chunk(0)[1..], Digest(Chunk(0)[1..])), HttpStatusCode.BadRequest, "wrong_size");
        await AssertRefusedAsync(await SendChunkAsync(id, 0, _content, Digest(_content)), HttpStatusCode.BadRequest, "wrong_size");
        await AssertRefusedAsync(await CommitAsync(id), HttpStatusCode.Conflict, "incomplete");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nobody")]
    [InlineData("00000000000000000000000000000000")]
    public async Task Who_names_no_agent_is_refused(string? agent)
    {
        Http.DefaultRequestHeaders.Remove("Weir-Agent");
        if (agent is not null) Http.DefaultRequestHeaders.Add("Weir-Agent", agent);
        await AssertRefusedAsync(await CommitAsync("x"), HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task The_upload_of_another_agent_is_not_there()
    {
        string id = (await BeginAsync(_content)).GetProperty("uploadId").GetString()!;
        Http.DefaultRequestHeaders.Remove("Weir-Agent");
        Http.DefaultRequestHeaders.Add("Weir-Agent", Agent.Replace('a', 'b'));
        await AssertRefusedAsync(await CommitAsync(id), HttpStatusCode.NotFound, "unknown_upload");
    }

    private static string Digest(byte[] bytes) => $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:";

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

    private static async Task AssertRefusedAsync(HttpResponseMessage response, HttpStatusCode status, string error)
    {
        using (response)
        {
            JsonElement answer = await JsonAsync(response);
            Assert.Equal((status, error), (response.StatusCode, answer.GetProperty("error").GetString()));
            Assert.NotEmpty(answer.GetProperty("message").GetString()!);
        }
    }

    private byte[] Chunk(int chunk) => _content[(chunk * ChunkBytes)..Math.Min(_content.Length, (chunk + 1) * ChunkBytes)];

    private async Task<JsonElement> BeginAsync(byte[] content)
    {
        using HttpResponseMessage response = await Http.PostAsJsonAsync(
            new Uri("/api/upload/context", UriKind.Relative), new { fileHash = Convert.ToHexStringLower(SHA256.HashData(content)), fileSize = content.Length }, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await JsonAsync(response);
    }

    private async Task<JsonElement> GetAsync(string id) => await Http.GetFromJsonAsync<JsonElement>(new Uri($"/api/upload/{id}", UriKind.Relative), Cancellation);

    private Task<HttpResponseMessage> CommitAsync(string id) => Http.PostAsync(new Uri($"/api/upload/{id}/commit", UriKind.Relative), null, Cancellation);

    private async Task<HttpResponseMessage> SendChunkAsync(string id, int chunk, byte[] bytes, string digest)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"/api/upload/{id}/chunks/{chunk}", UriKind.Relative))
        {
            Content = new ByteArrayContent(bytes), Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.Add("Content-Digest", digest);
        return await Http.SendAsync(request, Cancellation);
    }

    private async Task PutAsync(string id, int chunk, byte[] bytes)
    {
        using HttpResponseMessage response = await SendChunkAsync(id, chunk, bytes, Digest(bytes));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private async Task PutUntilThereAsync(string id, int chunk)
    {
        while (true)
        {
            using HttpResponseMessage response = await SendChunkAsync(id, chunk, Chunk(chunk), Digest(Chunk(chunk)));
            if (response.StatusCode == HttpStatusCode.NoContent) return;
            Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        }
    }
}
