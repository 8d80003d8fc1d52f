using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Weir.Log;

namespace Weir.Agent.Uploads;

/// <summary>Asks gateways about uploads: the next where one cannot be reached. Thread-safe.</summary>
/// <remarks>Whatever is not an answer of success becomes an <see cref="UploadException"/>. Answers are read up to 1 MiB.</remarks>
internal sealed class UploadClient : IDisposable
{
    private const int MaxAnswerBytes = 1 << 20;
    private const int MinChunkBytes = 64 * 1024;
    private const int MaxChunkBytes = 8 << 20;
    private const int IdCharacters = 32;

    // A chunk of 1 MiB over 4 KiB/s; a file of gigabytes read back by the gateway.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Uri[] _gateways;
    private readonly HttpClient _http;
    private int _current;

    /// <summary>Makes a client of gateways on one data directory; it connects when it is asked.</summary>
    public UploadClient(IReadOnlyList<Uri> gateways, AgentId agent, SocketsHttpHandler handler)
    {
        _gateways = [.. gateways];
        _http = new HttpClient(handler)
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            MaxResponseContentBufferSize = MaxAnswerBytes,
            Timeout = Patience,
        };
        _http.DefaultRequestHeaders.Add("Weir-Agent", agent.ToString());
    }

    /// <summary>Begins an upload, or finds how far it is.</summary>
    public async Task<UploadContext> BeginAsync(UploadAnnouncement announcement, CancellationToken cancellationToken)
    {
        using var body = JsonContent.Create(announcement, UploadJson.Default.UploadAnnouncement);
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/api/upload/context", body, cancellationToken).ConfigureAwait(false);
        return Check(await ReadAsync(answer, cancellationToken).ConfigureAwait(false), announcement.FileSize);
    }

    /// <summary>Sends a chunk.</summary>
    public async Task PutAsync(string uploadId, int chunk, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        using var body = new ReadOnlyMemoryContent(bytes);
        body.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(hash.Span)}:");
        string path = string.Create(CultureInfo.InvariantCulture, $"/api/upload/{uploadId}/chunks/{chunk}");
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Put, path, body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the file final.</summary>
    /// <returns>Its name on the server.</returns>
    public async Task<string> CommitAsync(string uploadId, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, $"/api/upload/{uploadId}/commit", null, cancellationToken).ConfigureAwait(false);
        return (await ReadAsync(answer, cancellationToken).ConfigureAwait(false)).Name ?? throw Odd("it names no file");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        int tried = Volatile.Read(ref _current);
        Uri gateway = _gateways[tried % _gateways.Length];
        using var request = new HttpRequestMessage(method, new Uri(gateway, path))
        {
            Content = body,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        HttpResponseMessage answer;
        try
        {
            answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Interlocked.CompareExchange(ref _current, tried + 1, tried);
            throw new UploadException(UploadException.Unreachable, $"the gateway at {gateway.Authority} cannot be reached: {e.Message}", inner: e);
        }

        if (answer.IsSuccessStatusCode) return answer;
        using (answer) throw await RefusalAsync(answer, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<UploadException> RefusalAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        UploadRefusal? refusal = null;
        try
        {
            refusal = await answer.Content.ReadFromJsonAsync(UploadJson.Default.UploadRefusal, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Somebody in between, or an older server: the status is all there is.
        }

        string error = refusal?.Error ?? (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest ? "bad_request" : UploadException.Unreachable);
        return new UploadException(error, refusal?.Message ?? $"the gateway answers {(int)answer.StatusCode}: does it take uploads?", answer.Headers.RetryAfter?.Delta);
    }

    private static async Task<UploadContext> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(UploadJson.Default.UploadContext, cancellationToken).ConfigureAwait(false) ?? throw Odd("it is empty");
        }
        catch (JsonException e)
        {
            throw Odd(e.Message);
        }
    }

    private static UploadContext Check(UploadContext context, long fileSize)
    {
        if (context.UploadId is not { Length: IdCharacters } id || !id.All(char.IsAsciiHexDigit)) throw Odd("it names no upload");
        if (context.ChunkSize is < MinChunkBytes or > MaxChunkBytes) throw Odd($"chunks of {context.ChunkSize} bytes are none that this agent sends ({MinChunkBytes} to {MaxChunkBytes})");
        long chunks = (fileSize + context.ChunkSize - 1) / context.ChunkSize;
        if (context.Uploaded is { } uploaded && uploaded.Any(chunk => chunk < 0 || chunk >= chunks)) throw Odd("it names chunks that the file does not have");
        return context;
    }

    private static UploadException Odd(string what) => new("bad_request", $"the gateway's answer cannot be used: {what}");
}
