using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Weir.Console;
using Weir.Contracts;
using Weir.Gateway;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Query;
using Weir.Server.Configuration;
using Weir.Stores.FrameStore;

namespace Weir.Server.Hosting;

/// <summary>All roles in one process on the embedded log and frame store: what <c>weir up</c> runs.</summary>
public sealed class WeirServer : IAsyncDisposable
{
    // Seconds: from below a collector's read to beyond an agent's patience.
    private static readonly double[] DurationBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly Storage _storage;
    private readonly GatewayRegistry _gateways;
    private readonly ListenOptions[] _grpcListeners;
    private readonly ListenOptions _httpListener;
    private readonly ListenOptions _enrollListener;

    private WeirServer(WebApplication app, Storage storage, GatewayRegistry gateways, GatewayIdentity identity, ListenOptions http, ListenOptions enroll, ListenOptions[] grpc)
    {
        Identity = identity;
        _enrollListener = enroll;
        _app = app;
        _storage = storage;
        _gateways = gateways;
        _httpListener = http;
        _grpcListeners = grpc;
    }

    /// <summary>Where the console and the HTTP API listen; valid once started.</summary>
    public IPEndPoint Http => (IPEndPoint)_httpListener.EndPoint;

    /// <summary>Where the gateways listen; valid once started.</summary>
    public IReadOnlyList<IPEndPoint> Grpc => [.. _grpcListeners.Select(static listener => (IPEndPoint)listener.EndPoint)];

    /// <summary>Where agents join; valid once started.</summary>
    public IPEndPoint Enroll => (IPEndPoint)_enrollListener.EndPoint;

    /// <summary>Who may join and who is trusted.</summary>
    public GatewayIdentity Identity { get; }

    /// <summary>The gateways, in the order of <see cref="Grpc"/>; each can be stopped alone.</summary>
    public IReadOnlyList<GatewayInstance> Gateways => _gateways.All;

    /// <summary>Messages of this server.</summary>
    public ILoggerFactory Loggers => _app.Services.GetRequiredService<ILoggerFactory>();

    /// <summary>Where the local agent keeps its data.</summary>
    public string AgentDirectory => _storage.Directory.Agent;

    /// <summary>Cancelled when the server goes down.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    /// <summary>Opens the data directory and the listeners.</summary>
    /// <exception cref="StartupException">Something does not allow it.</exception>
    public static Task<WeirServer> StartAsync(ServerConfig config, TimeProvider time, Action<ILoggingBuilder> logging, CancellationToken cancellationToken) =>
        StartAsync(config, new StorageSetup(), time, logging, cancellationToken);

    /// <summary>Opens the data directory on another setup.</summary>
    /// <exception cref="StartupException">Something does not allow it.</exception>
    internal static async Task<WeirServer> StartAsync(
        ServerConfig config, StorageSetup setup, TimeProvider time, Action<ILoggingBuilder> logging, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        logging(builder.Logging);
        GatewayIdentity? identity = null;
        ListenOptions? http = null, enroll = null;
        var grpc = new List<ListenOptions>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = config.StreamsPerConnection;
            kestrel.Limits.Http2.InitialStreamWindowSize = config.StreamWindowBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = config.ConnectionWindowBytes;
            kestrel.Listen(config.Http, listen => { listen.Protocols = HttpProtocols.Http1; http = listen; });
            foreach (IPEndPoint endPoint in config.Grpc)
            {
                kestrel.Listen(endPoint, listen =>
                {
                    // Where HTTP/2 does not pass, the same messages and uploads go over HTTP/1.1; without TLS nothing could tell the two apart.
                    listen.Protocols = config.IsTls(endPoint) ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http2;
                    if (config.IsTls(endPoint)) listen.UseHttps(TlsHandshake.Of(() => identity!.GatewayTls()));
                    grpc.Add(listen);
                });
            }

            kestrel.Listen(config.Enroll, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(TlsHandshake.Of(() => identity!.EnrollmentTls()));
                enroll = listen;
            });
        });

        var directives = new LateDirectives();
        using ILoggerFactory starting = LoggerFactory.Create(logging);
        RefuseTakenAddresses(config);
        Storage storage = await Storage.OpenAsync(config, create: true, setup, directives, time, starting);
        try
        {
            var gateways = new GatewayRegistry();
            var options = new GatewayOptions();
            for (int i = 0; i < config.Grpc.Count; i++) gateways.Add(new GatewayInstance($"gateway-{i + 1}", options));
            var guard = new HostGuardOptions([Dns.GetHostName(), .. config.HttpHosts]);
            identity = OpenIdentity(config, storage, time, starting);
            AddServices(builder, storage, gateways, options, identity, time);
            AddUploads(builder.Services, setup.Files, storage.Directory, config.Uploads, time, starting);
            WebApplication app = builder.Build();
            directives.Connect(app.Services.GetRequiredService<IAgentDirectives>());
            MapEndpoints(app, guard);
            await StartListeningAsync(app, cancellationToken);
            var server = new WeirServer(app, storage, gateways, identity, http!, enroll!, [.. grpc]);
            server.BindGateways();
            return server;
        }
        catch
        {
            identity?.Dispose();
            await storage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts to go down: not ready, and <see cref="Stopping"/> is cancelled so that the local agent ends first.</summary>
    public void BeginStop()
    {
        _app.Services.GetRequiredService<Readiness>().Drain();
        _app.Lifetime.StopApplication();
    }

    /// <summary>Drains: no new streams, agents are sent away, appends under way end and are answered, then everything closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _app.Services.GetRequiredService<Readiness>().Drain();
        await Task.WhenAll(_gateways.All.Select(static gateway => gateway.DrainAsync(DrainLimit)));
        await _app.StopAsync();
        await _app.DisposeAsync();
        Identity.Dispose();
        await _storage.DisposeAsync();
    }

    private static void AddServices(WebApplicationBuilder builder, Storage storage, GatewayRegistry gateways, GatewayOptions options, GatewayIdentity identity, TimeProvider time)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton(time);
        services.AddSingleton<ILog>(storage.Log);
        services.AddSingleton<ISeriesReader>(storage.Store);
        services.AddSingleton<IHostReader>(storage.Store);
        services.AddSingleton(storage.Writer);
        services.AddSingleton(storage.Store);
        services.AddSingleton<Readiness>();
        services.AddHostedService<WriterService>();
        services.AddWeirGateways(gateways, options, identity);
        services.AddWeirConsole();
        services.AddSingleton(provider => new QueryEngine(provider.GetRequiredService<ISeriesReader>(), new QueryOptions()));
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        services.AddOpenTelemetry().WithMetrics(static metrics => metrics
            .AddMeter("Weir.*", "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddView(static instrument => instrument.Unit == "s" ? new ExplicitBucketHistogramConfiguration { Boundaries = DurationBuckets } : null)
            .AddPrometheusExporter());
    }

    private static void AddUploads(IServiceCollection services, IFileSystem files, DataDirectory directory, UploadOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        try
        {
            services.AddWeirUploads(files, directory.Uploads, options, time, loggers);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException([$"{directory.Uploads} cannot be used: {e.Message}"], ExitCode.Environment);
        }
    }

    private static void MapEndpoints(WebApplication app, HostGuardOptions guard)
    {
        app.UseMiddleware<HostGuard>(guard);
        app.MapWeirIntake();
        app.MapWeirEnrollment();
        app.MapWeirUploads();
        app.MapGet("/healthz", static () => Results.Text("ok\n"));
        app.MapGet("/readyz", static (Readiness readiness) =>
        {
            (bool ready, string reason) = readiness.State;
            return Results.Text(reason + "\n", statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapPrometheusApi();
        app.MapWeirConsole();
    }

    private static GatewayIdentity OpenIdentity(ServerConfig config, Storage storage, TimeProvider time, ILoggerFactory loggers)
    {
        var options = new IdentityOptions { AgentLifetime = config.CertificateLifetime, Names = config.CertificateNames };
        try
        {
            return GatewayIdentity.Open(new PhysicalFileSystem(), storage.Directory.Identity, options, time, loggers);
        }
        catch (Exception e) when (e is IdentityException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException([e.Message], ExitCode.Environment);
        }
    }

    private static async Task StartListeningAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            await app.DisposeAsync();
            throw CannotListen(e.Message.TrimEnd('.'));
        }
    }

    // Before the data directory is made: who mistyped a port should find nothing of it. What takes an address behind this is found when listening begins.
    private static void RefuseTakenAddresses(ServerConfig config)
    {
        foreach (IPEndPoint endPoint in config.Grpc.Append(config.Http).Append(config.Enroll).Where(static endPoint => endPoint.Port != 0))
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endPoint);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw CannotListen($"{endPoint}: {e.Message}");
            }
        }
    }

    private static StartupException CannotListen(string problem) =>
        new([$"{problem}: stop what listens there, or choose other addresses with --http, --grpc and --enroll (port 0 takes a free one)"], ExitCode.Environment);

    private void BindGateways()
    {
        for (int i = 0; i < _grpcListeners.Length; i++) _gateways.Bind(Grpc[i].Port, _gateways.All[i]);
    }
}
