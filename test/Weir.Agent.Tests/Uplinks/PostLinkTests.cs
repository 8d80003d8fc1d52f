using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Weir.Agent.Uplinks;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>The uplink's messages by POST, against a scripted endpoint over real connections.</summary>
public sealed class PostLinkTests
{
    private readonly List<byte[]> _bodies = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gateway_ThatIsBusyInTheMidstOfASession_IsToldTheSameAgain()
    {
        await using WebApplication gateway = await StartAsync(busyAt: 2);
        using var handler = new SocketsHttpHandler();
        using var link = new PostLink(new Uri(gateway.Urls.Single()), handler, Cancellation);
        await link.WriteAsync(new ToGateway { Hello = new Hello() }, Cancellation);
        Assert.NotNull((await link.ReadAsync(Cancellation))?.Welcome);
        await link.WriteAsync(new ToGateway { Batch = new Batch { Number = 7 } }, Cancellation);
        Assert.NotNull((await link.ReadAsync(Cancellation))?.Welcome);
        Assert.Equal(3, _bodies.Count);
        Assert.Equal(_bodies[1], _bodies[2]);
    }

    [Fact]
    public async Task Gateway_ThatIsBusyWhenASessionBegins_RefusesIt()
    {
        await using WebApplication gateway = await StartAsync(busyAt: 1);
        using var handler = new SocketsHttpHandler();
        using var link = new PostLink(new Uri(gateway.Urls.Single()), handler, Cancellation);
        await link.WriteAsync(new ToGateway { Hello = new Hello() }, Cancellation);
        Grpc.Core.RpcException refused = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () => await link.ReadAsync(Cancellation));
        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, refused.StatusCode);
    }

    // Answers each POST with Welcome, but for one.
    private async Task<WebApplication> StartAsync(int busyAt)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        WebApplication app = builder.Build();
        app.MapPost("/weir.v1.Intake/Post", async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            _bodies.Add(body.ToArray());
            if (_bodies.Count == busyAt)
            {
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                return;
            }

            using var said = new MemoryStream();
            new ToAgent { Welcome = new Welcome() }.WriteDelimitedTo(said);
            await http.Response.Body.WriteAsync(said.ToArray());
        });
        await app.StartAsync(Cancellation);
        return app;
    }
}
