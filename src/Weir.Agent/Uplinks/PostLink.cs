using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>The same messages by POST, one after the other, for ways that let no HTTP/2 stream through.</summary>
/// <remarks>What is written while a POST is under way goes with the next; it is bounded by what the session leaves unanswered.</remarks>
internal sealed class PostLink : IGatewayLink
{
    private const int MaxAnswerBytes = 4 << 20;
    private const int MaxReasonLetters = 500;

    // A gateway that serves as many POSTs as it can has taken nothing of one more: the session is none the worse.
    private static readonly TimeSpan BusyDelay = TimeSpan.FromSeconds(1);

    private readonly Channel<ToAgent> _said = Channel.CreateBounded<ToAgent>(new BoundedChannelOptions(UplinkSession.MaxInbox) { SingleReader = true, SingleWriter = true });
    private readonly Lock _lock = new();
    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stop;
    private readonly HttpClient _client;
    private readonly HttpVersionPolicy _versions;
    private readonly string _session = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private MemoryStream _waiting = new();
    private bool _isUnderWay;

    /// <summary>Begins a session; the first message must be Hello.</summary>
    public PostLink(Uri gateway, SocketsHttpHandler handler, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _client = new HttpClient(handler, disposeHandler: false)
        {
            BaseAddress = gateway,
            // The session knows when a gateway is silent for too long.
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        // Without encryption nothing says which versions the gateway speaks: it speaks HTTP/2.
        _versions = gateway.Scheme == Uri.UriSchemeHttps ? HttpVersionPolicy.RequestVersionOrLower : HttpVersionPolicy.RequestVersionExact;
        _ = PumpAsync();
    }

    /// <inheritdoc/>
    public Task WriteAsync(ToGateway message, CancellationToken cancellationToken)
    {
        lock (_lock) message.WriteDelimitedTo(_waiting);
        _wake.Set();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ToAgent?> ReadAsync(CancellationToken cancellationToken)
    {
        while (await _said.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            if (_said.Reader.TryRead(out ToAgent? message)) return message;
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _client.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            while (true)
            {
                if (Take() is { } body)
                {
                    List<ToAgent>? said;
                    while ((said = await ExchangeAsync(body).ConfigureAwait(false)) is null) await Task.Delay(BusyDelay * (0.5 + Random.Shared.NextDouble()), _stop.Token).ConfigureAwait(false);
                    _isUnderWay = true;
                    foreach (ToAgent message in said) await _said.Writer.WriteAsync(message, _stop.Token).ConfigureAwait(false);
                }
                else
                {
                    await _wake.WaitAsync(_stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            _said.Writer.TryComplete(e);
        }
    }

    private MemoryStream? Take()
    {
        lock (_lock)
        {
            if (_waiting.Length == 0) return null;
            MemoryStream body = _waiting;
            _waiting = new MemoryStream();
            return body;
        }
    }

    // Null where the gateway is busy and the same is to be sent again.
    private async Task<List<ToAgent>?> ExchangeAsync(MemoryStream body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/weir.v1.Intake/Post")
        {
            Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length),
            Version = HttpVersion.Version20,
            VersionPolicy = _versions,
        };
        request.Headers.Add("weir-session", _session);
        using HttpResponseMessage response = await _client.SendAsync(request, _stop.Token).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.TooManyRequests && _isUnderWay) return null;
        if (response.StatusCode != HttpStatusCode.OK) throw await RefusalAsync(response).ConfigureAwait(false);
        using Stream content = await response.Content.ReadAsStreamAsync(_stop.Token).ConfigureAwait(false);
        var said = new List<ToAgent>();
        while (content.Position < content.Length) said.Add(ToAgent.Parser.ParseDelimitedFrom(content));
        return said;
    }

    // In the terms of the stream, so that a session is the same whatever carries it.
    private async Task<RpcException> RefusalAsync(HttpResponseMessage response)
    {
        string reason = await response.Content.ReadAsStringAsync(_stop.Token).ConfigureAwait(false);
        var status = new Status(CodeOf(response.StatusCode), string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {reason[..Math.Min(reason.Length, MaxReasonLetters)]}"));
        return response.Headers.TryGetValues(Uplink.RetryAfterKey, out IEnumerable<string>? after)
            ? new RpcException(status, new Metadata { { Uplink.RetryAfterKey, after.First() } })
            : new RpcException(status);
    }

    private static StatusCode CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => StatusCode.InvalidArgument,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.TooManyRequests => StatusCode.ResourceExhausted,
        HttpStatusCode.ServiceUnavailable => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };
}
