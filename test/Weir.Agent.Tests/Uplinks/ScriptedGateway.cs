using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Agent.Tests.Uplinks;

/// <summary>Serves a <see cref="ScriptedIntake"/> on a loopback port; stopping it breaks every stream off.</summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedGateway(WebApplication app, ScriptedIntake intake)
    {
        _app = app;
        Intake = intake;
    }

    public ScriptedIntake Intake { get; }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Starts a gateway.</summary>
    /// <param name="port">Port, 0 for a free one.</param>
    public static async Task<ScriptedGateway> StartAsync(int port = 0)
    {
        var intake = new ScriptedIntake();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(intake);
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static host => host.ShutdownTimeout = TimeSpan.Zero);
        WebApplication app = builder.Build();
        app.MapGrpcService<ScriptedIntake>();
        await app.StartAsync();
        return new ScriptedGateway(app, intake);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
