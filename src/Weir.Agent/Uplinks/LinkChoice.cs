using System.Net.Http;
using System.Net.Sockets;
using Grpc.Core;
using Weir.Agent.Configuration;

namespace Weir.Agent.Uplinks;

/// <summary>Whether the next connection to a gateway is a stream or goes by POST.</summary>
internal sealed class LinkChoice(UplinkTransport transport)
{
    private int _silences;

    /// <summary>Whether it goes by POST.</summary>
    public bool IsPost { get; private set; } = transport == UplinkTransport.Post;

    /// <summary>A gateway did not welcome the agent: where something answered that did not understand, the other way is tried next.</summary>
    /// <remarks>Silence alone may be a gateway that has too much to do: it takes two in a row, and one that says so by POST has made the silence.</remarks>
    public void Failed(Exception error)
    {
        if (transport != UplinkTransport.Auto) return;
        bool isBusy = IsPost && error is RpcException { StatusCode: StatusCode.ResourceExhausted };
        _silences = error is TimeoutException ? _silences + 1 : 0;
        if (isBusy || (MayBeTheWay(error) && _silences != 1)) Turn();
    }

    /// <summary>A connection that had been welcomed has ended: the next tries the stream again, since what was in the way may be gone.</summary>
    public void Ended() => IsPost = transport == UplinkTransport.Post;

    private void Turn() => (IsPost, _silences) = (!IsPost, 0);

    // No connection at all is nobody's fault on the way; what a gateway says of the agent it would say by the other way, too.
    private static bool MayBeTheWay(Exception error) => error switch
    {
        RpcException { StatusCode: StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.ResourceExhausted or StatusCode.PermissionDenied or StatusCode.Unauthenticated } => false,
        RpcException rpc => rpc.Trailers.Get(Uplink.RetryAfterKey) is null && !IsUnreached(rpc.Status.DebugException),
        _ => error is TimeoutException || !IsUnreached(error),
    };

    private static bool IsUnreached(Exception? error) => error is SocketException || (error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError })
        || (error?.InnerException is { } inner && IsUnreached(inner));
}
