using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Weir.Agent.Tests.Uploads;

/// <summary>A gateway that takes the chunks of one file, and does to a request what the test says before.</summary>
internal sealed class ScriptedUploads : IAsyncDisposable
{
    public const int ChunkBytes = 64 * 1024;
    private const string Id = "0123456789abcdef0123456789abcdef";

    private WebApplication? _app;

    /// <summary>Chunks that are there.</summary>
    public ConcurrentDictionary<int, byte[]> Chunks { get; } = new();

    /// <summary>Requests so far, as method and path.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers a request itself where it returns true.</summary>
    public Func<HttpContext, Task<bool>> Script { get; set; } = static _ => Task.FromResult(false);

    public Uri Address => new(_app!.Urls.Single());

    /// <summary>The bytes that came, in order.</summary>
    public byte[] File => [.. Chunks.OrderBy(static chunk => chunk.Key).SelectMany(static chunk => chunk.Value)];

    public static async Task<ScriptedUploads> StartAsync()
    {
        var uploads = new ScriptedUploads();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        uploads._app = builder.Build();
        uploads._app.Run(uploads.AnswerAsync);
        await uploads._app.StartAsync();
        return uploads;
    }

    public static async Task<bool> RefuseAsync(HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsync($$"""{"error":"{{error}}","message":"as the test says"}""");
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        Requests.Enqueue($"{http.Request.Method} {http.Request.Path}");
        if (await Script(http)) return;
        string[] path = http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (HttpMethods.IsPut(http.Request.Method))
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(body.ToArray()))}:", http.Request.Headers["Content-Digest"].ToString());
            Chunks[int.Parse(path[^1], CultureInfo.InvariantCulture)] = body.ToArray();
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        string name = path[^1] == "commit" ? ",\"name\":\"final\"" : "";
        await http.Response.WriteAsync($$"""{"uploadId":"{{Id}}","chunkSize":{{ChunkBytes}},"state":"open","uploaded":[{{string.Join(',', Chunks.Keys)}}]{{name}}}""");
    }
}
