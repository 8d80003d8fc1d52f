using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Gateway;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Server.Tests.Identity;

/// <summary>The enrolment listener of a server, over a directory that outlives it.</summary>
internal sealed class EnrollmentListener : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EnrollmentListener(WebApplication app, GatewayIdentity identity, string address)
    {
        _app = app;
        Identity = identity;
        Address = address;
    }

    public GatewayIdentity Identity { get; }

    /// <summary>Host and port.</summary>
    public string Address { get; }

    public static async Task<EnrollmentListener> StartAsync(string directory, TimeProvider time, int port = 0)
    {
        // Looked at twice a day: a test may let months pass.
        var options = new IdentityOptions { WatchInterval = TimeSpan.FromHours(12) };
        GatewayIdentity identity = GatewayIdentity.Open(new PhysicalFileSystem(), directory, options, time, NullLoggerFactory.Instance);
        ListenOptions? listener = null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(TlsHandshake.Of(identity.EnrollmentTls));
            listener = listen;
        }));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddWeirGateways(new GatewayRegistry(), new GatewayOptions(), identity);
        WebApplication app = builder.Build();
        app.MapWeirEnrollment();
        await app.StartAsync();
        return new EnrollmentListener(app, identity, listener!.EndPoint.ToString()!);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Identity.Dispose();
    }
}
