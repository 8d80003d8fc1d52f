using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Weir.Protocol.V1;

namespace Weir.Agent.Tests.Uploads;

/// <summary>A gateway that takes chunks and answers as the test says.</summary>
internal sealed class ScriptedBackfill(Func<Batch, Task<Answers>> answer) : Backfill.BackfillBase, IAsyncDisposable
{
    private WebApplication? _app;

    public Uri Address => new(_app!.Urls.Single());

    public static async Task<ScriptedBackfill> StartAsync(Func<Batch, Task<Answers>> answer)
    {
        var backfill = new ScriptedBackfill(answer);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(backfill);
        backfill._app = builder.Build();
        backfill._app.MapGrpcService<ScriptedBackfill>();
        await backfill._app.StartAsync();
        return backfill;
    }

    public override Task<Answers> Take(Batch request, ServerCallContext context) => answer(request);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }
}
