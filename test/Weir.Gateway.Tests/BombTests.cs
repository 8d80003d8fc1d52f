using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Weir.TestKit.Agents;
using Weir.TestKit.Bombs;

namespace Weir.Gateway.Tests;

/// <summary>Bodies that unfold to more than a gibibyte: refused with a reason, and not unfolded. Alone, since what the process allocates is counted.</summary>
[CollectionDefinition(nameof(BombTests), DisableParallelization = true)]
[Collection(nameof(BombTests))]
public sealed class BombTests
{
    private const long T0 = 1_700_000_000_000;

    // Kestrel and the test's own client; a hundredth of what unfolds.
    private const long MaxAllocated = 32 << 20;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/weir.v1.Intake/Stream", "gzip")]
    [InlineData("/weir.v1.Backfill/Take", "gzip")]
    [InlineData("/weir.v1.Backfill/Take", "deflate")]
    [InlineData("/weir.v1.Backfill/Take", "snappy")]
    public async Task A_compressed_message_is_refused_and_not_unfolded(string path, string encoding)
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        byte[] bomb = Bomb.Gzip(), body = new byte[5 + bomb.Length];
        body[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(1), (uint)bomb.Length);
        bomb.CopyTo(body, 5);
        using HttpRequestMessage request = Request(path, body, "application/grpc");
        request.Headers.Add("grpc-encoding", encoding);
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        (HttpResponseMessage response, long allocated) = await SendAsync(fixture, request);
        using (response)
        {
            HttpHeaders said = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : response.Headers;
            Assert.Equal("12", said.GetValues("grpc-status").Single());
            Assert.Contains(encoding, Uri.UnescapeDataString(said.GetValues("grpc-message").Single()), StringComparison.Ordinal);
            Assert.InRange(allocated, 0, MaxAllocated);
        }

        await AssertServedAsync(fixture);
    }

    [Theory]
    [InlineData("/weir.v1.Intake/Post", "gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/weir.v1.Intake/Post", "snappy", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("/api/upload/context", "gzip", HttpStatusCode.BadRequest)]
    [InlineData("/api/upload/context", "zstd", HttpStatusCode.BadRequest)]
    public async Task A_compressed_body_is_refused_and_not_unfolded(string path, string encoding, HttpStatusCode status)
    {
        await using GatewayFixture fixture = await GatewayFixture.StartAsync();
        using HttpRequestMessage request = Request(path, encoding == "zstd" ? Bomb.Zstd() : Bomb.Gzip(), "application/json");
        request.Content!.Headers.ContentEncoding.Add(encoding);
        request.Headers.Add("weir-session", "00112233445566778899aabbccddeeff");
        request.Headers.Add("Weir-Agent", "0000000000000001000000000000000a");
        (HttpResponseMessage response, long allocated) = await SendAsync(fixture, request);
        using (response)
        {
            Assert.Equal(status, response.StatusCode);
            Assert.Contains("Content-Encoding", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            Assert.InRange(allocated, 0, MaxAllocated);
        }

        await AssertServedAsync(fixture);
    }

    private static HttpRequestMessage Request(string path, byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    private static async Task<(HttpResponseMessage Response, long Allocated)> SendAsync(GatewayFixture fixture, HttpRequestMessage request)
    {
        using var client = new HttpClient { BaseAddress = fixture.Addresses[0] };
        long before = GC.GetTotalAllocatedBytes(precise: true);
        HttpResponseMessage response = await client.SendAsync(request, Cancel);
        return (response, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    private static async Task AssertServedAsync(GatewayFixture fixture)
    {
        var agent = new TestAgent(1);
        using TestStream stream = await TestStream.ConnectAsync(fixture.Addresses[0], agent.Id, Cancel);
        await stream.DeliverAsync(agent, [agent.EpochStart(T0)], Cancel);
        Assert.Single(fixture.Log.Records);
    }
}
