using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using System.Net;
using Weir.Contracts;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Gateway.Tests;

/// <summary>Two gateways on real listeners over one scripted log.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _uploads;

    private GatewayFixture(WebApplication app, ScriptedLog log, GatewayRegistry gateways, Uri[] addresses, Uri? enrollment, string uploads)
    {
        Enrollment = enrollment;
        _app = app;
        _uploads = uploads;
        Log = log;
        Gateways = gateways.All;
        Addresses = addresses;
    }

    public ScriptedLog Log { get; }

    public IReadOnlyList<GatewayInstance> Gateways { get; }

    public Uri[] Addresses { get; }

    /// <summary>Where agents join; null without an identity.</summary>
    public Uri? Enrollment { get; }

    /// <summary>The file behind an upload's final name.</summary>
    public string UploadPath(string name) => Path.Combine(_uploads, name);

    public IAgentDirectives Directives => _app.Services.GetRequiredService<IAgentDirectives>();

    public static async Task<GatewayFixture> StartAsync(GatewayOptions? options = null, TimeProvider? time = null, GatewayIdentity? identity = null, UploadOptions? uploads = null)
    {
        options ??= new GatewayOptions();
        var log = new ScriptedLog();
        var gateways = new GatewayRegistry();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var listeners = new List<ListenOptions>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            for (int i = 0; i < 2; i++)
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    if (identity is not null) listen.UseHttps(TlsHandshake.Of(identity.GatewayTls));
                    listeners.Add(listen);
                });
            }

            if (identity is null) return;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(TlsHandshake.Of(identity.EnrollmentTls));
                listeners.Add(listen);
            });
        });
        for (int i = 1; i <= 2; i++) gateways.Add(new GatewayInstance($"gateway-{i}", options, time));
        builder.Services.AddSingleton<ILog>(log);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddWeirGateways(gateways, options, identity);
        string directory = Directory.CreateTempSubdirectory("weir-uploads-").FullName;
        builder.Services.AddWeirUploads(new PhysicalFileSystem(), directory, uploads ?? new UploadOptions(), time ?? TimeProvider.System, NullLoggerFactory.Instance);
        WebApplication app = builder.Build();
        app.MapWeirIntake();
        app.MapWeirUploads();
        if (identity is not null) app.MapWeirEnrollment();
        await app.StartAsync();
        for (int i = 0; i < 2; i++) gateways.Bind(((IPEndPoint)listeners[i].EndPoint).Port, gateways.All[i]);
        Uri[] addresses = [.. listeners.Select(listener => new Uri($"{(identity is null ? "http" : "https")}://{listener.EndPoint}"))];
        return new GatewayFixture(app, log, gateways, addresses[..2], identity is null ? null : addresses[2], directory);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (GatewayInstance gateway in Gateways) gateway.Stop();
        await _app.DisposeAsync();
        Directory.Delete(_uploads, recursive: true);
    }
}

/// <summary>A log that does what the test says.</summary>
internal sealed class ScriptedLog : ILog
{
    private readonly List<(LogClass Class, byte[] Index, byte[] Record)> _records = [];

    public int PartitionCount => 4;

    /// <summary>Appends complete when this does.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Appends that have begun.</summary>
    public int Appends { get; private set; }

    /// <summary>What appends fail with; null for none.</summary>
    public LogException? Failure { get; set; }

    public IReadOnlyList<(LogClass Class, byte[] Index, byte[] Record)> Records
    {
        get
        {
            lock (_records) return [.. _records];
        }
    }

    public async Task AppendAsync(LogClass logClass, int partition, RecordBuilder record)
    {
        var copy = (logClass, record.Index.ToArray(), record.Record.ToArray());
        Task gate = Gate;
        Appends++;
        await gate;
        if (Failure is not null) throw Failure;
        lock (_records) _records.Add(copy);
    }

    public ILogReader OpenReader(LogClass logClass, int partition, long from) => throw new NotSupportedException("gateways do not read");
}
