using System.Net.Http;
using System.Net.Sockets;
using Grpc.Core;
using Weir.Agent.Configuration;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>When the agent tries the other way to a gateway.</summary>
public sealed class LinkChoiceTests
{
    private static readonly HttpRequestException NotReached = new(HttpRequestError.ConnectionError, "no connection", new SocketException((int)SocketError.ConnectionRefused));

    private static readonly RpcException Blocked = new(new Status(StatusCode.Unimplemented, "a proxy answered 405"));

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new RpcException(new Status(StatusCode.Unimplemented, "a proxy answered 405")), true },
        { new RpcException(new Status(StatusCode.Internal, "HTTP/2 protocol error", new HttpRequestException(HttpRequestError.HttpProtocolError, "reset"))), true },
        { new RpcException(new Status(StatusCode.Unavailable, "connection refused", NotReached)), false },
        { NotReached, false },
        { new RpcException(new Status(StatusCode.PermissionDenied, "revoked")), false },
        { new RpcException(new Status(StatusCode.FailedPrecondition, "protocol")), false },
        { new RpcException(new Status(StatusCode.Unavailable, "stopping"), new Metadata { { "retry-after-ms", "500" } }), false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Auto_ChangesTheWayOnlyWhereTheWayMayBeTheReason(Exception error, bool changes)
    {
        var choice = new LinkChoice(UplinkTransport.Auto);
        Assert.False(choice.IsPost);
        choice.Failed(error);
        Assert.Equal(changes, choice.IsPost);
        choice.Failed(error);
        Assert.False(choice.IsPost);
    }

    [Fact]
    public void Auto_Silence_ChangesTheWayTheSecondTimeInARow()
    {
        var choice = new LinkChoice(UplinkTransport.Auto);
        choice.Failed(new TimeoutException());
        choice.Failed(NotReached);
        choice.Failed(new TimeoutException());
        Assert.False(choice.IsPost);
        choice.Failed(new TimeoutException());
        Assert.True(choice.IsPost);
    }

    [Fact]
    public void Auto_AGatewayThatIsBusyByPost_IsLeftToTheStream()
    {
        var choice = new LinkChoice(UplinkTransport.Auto);
        choice.Failed(Blocked);
        choice.Failed(new RpcException(new Status(StatusCode.ResourceExhausted, "too many exchanges")));
        Assert.False(choice.IsPost);
        choice.Failed(new RpcException(new Status(StatusCode.ResourceExhausted, "too many streams")));
        Assert.False(choice.IsPost);
    }

    [Fact]
    public void Auto_AfterAConnectionThatWasWelcomed_TriesTheStreamAgain()
    {
        var choice = new LinkChoice(UplinkTransport.Auto);
        choice.Failed(Blocked);
        Assert.True(choice.IsPost);
        choice.Ended();
        Assert.False(choice.IsPost);
    }

    [Theory]
    [InlineData(UplinkTransport.Stream, false)]
    [InlineData(UplinkTransport.Post, true)]
    public void Configured_IsKept(UplinkTransport transport, bool isPost)
    {
        var choice = new LinkChoice(transport);
        choice.Failed(Blocked);
        Assert.Equal(isPost, choice.IsPost);
    }
}
