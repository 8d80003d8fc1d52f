using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Weir.Gateway.Identity;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>The stream for agents whose way lets no HTTP/2 stream through: the same messages, several at a time, by POST.</summary>
/// <remarks>
/// A session is an <see cref="AgentStream"/> like any other, fed by one POST after the other, and ends by silence. Its name is drawn by the agent, 128 bits that
/// nobody can guess. Body and answer are messages with their length in front, as protobuf delimits them.
/// </remarks>
internal sealed class PostIntake(GatewayContext context)
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/weir.v1.Intake/Post";

    private const string SessionHeader = "weir-session";
    private const string ContentType = "application/x-weir-messages";
    private const int SessionDigits = 32;

    // An agent has 128 batches without an answer at most, and little else to say.
    private const int MaxMessages = 300;

    // Of 6 MiB at most each: what they hold together stays below the bytes in flight.
    private const int MaxExchanges = 32;

    private readonly ConcurrentDictionary<string, PostSession> _sessions = new();
    private int _exchanges;

    /// <summary>Serves one POST.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        if (context.Gateways.Of(http.Connection.LocalPort) is not { } gateway)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, "this listener is not a gateway");
            return;
        }

        string name = http.Request.Headers[SessionHeader].ToString();
        if (name.Length != SessionDigits || !name.All(char.IsAsciiHexDigitLower))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, $"the header {SessionHeader} names no session ({SessionDigits} hexadecimal digits)");
            return;
        }

        if (!PlainBody.IsOf(http.Request))
        {
            await RefuseAsync(http, StatusCodes.Status415UnsupportedMediaType, PlainBody.Refusal);
            return;
        }

        int limit = context.Options.CreditBytes + (2 * context.Options.MaxBatchBytes);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = limit;
        int exchanges = Interlocked.Increment(ref _exchanges);
        try
        {
            // Nothing of a body is read before it is known whose it is, and that there is room for it.
            AgentPeer? who = StreamIdentity.PeerOf(context.Identity, http, context.Time);
            if (exchanges > MaxExchanges) throw new RpcException(new Status(StatusCode.ResourceExhausted, $"{MaxExchanges} POSTs are under way, the limit"));
            List<ToGateway>? messages = await TryReadAsync(http.Request, limit, http.RequestAborted);
            if (messages is null)
            {
                await RefuseAsync(http, StatusCodes.Status400BadRequest, $"the body is not a run of at most {MaxMessages} messages and {limit} bytes");
                return;
            }

            PostSession? session = Find(name, messages, gateway, http, who);
            // Whoever came to know the name of a session: it stays the certificate's.
            if (session is not null && session.Who?.Agent != who?.Agent) throw new RpcException(new Status(StatusCode.PermissionDenied, "the session is another agent's"));
            if (session is null) throw new RpcException(new Status(StatusCode.Unavailable, "there is no such session: begin one with Hello"));
            List<ToAgent>? said = await session.ExchangeAsync(messages, http.RequestAborted);
            if (said is null) await RefuseAsync(http, StatusCodes.Status409Conflict, "another POST of this session is under way");
            else await AnswerAsync(http, said);
        }
        catch (RpcException refused)
        {
            if (refused.Trailers.GetValue(IntakeService.RetryAfter) is { } after) http.Response.Headers[IntakeService.RetryAfter] = after;
            await RefuseAsync(http, StatusOf(refused.StatusCode), refused.Status.Detail);
        }
        finally
        {
            Interlocked.Decrement(ref _exchanges);
        }
    }

    private PostSession? Find(string name, List<ToGateway> messages, GatewayInstance gateway, HttpContext http, AgentPeer? who)
    {
        if (_sessions.TryGetValue(name, out PostSession? known)) return known;
        if (messages is not [{ Hello: not null }, ..]) return null;
        var session = new PostSession { Who = who };
        if (!_sessions.TryAdd(name, session)) return _sessions.GetValueOrDefault(name);
        string peer = string.Create(CultureInfo.InvariantCulture, $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort} (POST)");
        session.Begin(async stream =>
        {
            try
            {
                await new IntakeService(context).ServeAsync(gateway, peer, who, null, stream, stream, gateway.Stopping);
            }
            finally
            {
                _sessions.TryRemove(name, out _);
            }
        });
        return session;
    }

    private static async Task<List<ToGateway>?> TryReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limit) return null;
        try
        {
            // Bounded by the server's own limit where the length is not said; memory is taken for what has come, not for what is announced.
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            body.Position = 0;
            var messages = new List<ToGateway>();
            while (body.Position < body.Length && messages.Count <= MaxMessages) messages.Add(ToGateway.Parser.ParseDelimitedFrom(body));
            return messages.Count <= MaxMessages ? messages : null;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static async Task AnswerAsync(HttpContext http, List<ToAgent> said)
    {
        using var body = new MemoryStream();
        foreach (ToAgent message in said) message.WriteDelimitedTo(body);
        http.Response.ContentType = ContentType;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), http.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(reason, http.RequestAborted);
    }

    private static int StatusOf(StatusCode code) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition => StatusCodes.Status400BadRequest,
        StatusCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        StatusCode.PermissionDenied => StatusCodes.Status403Forbidden,
        StatusCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        _ => StatusCodes.Status503ServiceUnavailable,
    };
}
