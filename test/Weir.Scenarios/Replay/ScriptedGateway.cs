using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Scenarios.Replay;

/// <summary>Serves a <see cref="ScriptedIntake"/> on a free loopback port.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedGateway(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<ScriptedGateway> StartAsync(ScriptedIntake intake)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(static grpc => grpc.EnableDetailedErrors = true);
        builder.Services.AddSingleton(intake);
        WebApplication app = builder.Build();
        app.MapGrpcService<ScriptedIntake>();
        await app.StartAsync();
        return new ScriptedGateway(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
