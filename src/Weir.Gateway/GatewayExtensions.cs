using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>Puts the gateways of a process into its service container and routes.</summary>
public static class GatewayExtensions
{
    /// <summary>Registers the gateways. An <see cref="ILog"/> and a <see cref="TimeProvider"/> must be registered too.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="gateways">The gateways.</param>
    /// <param name="options">Their options.</param>
    /// <param name="identity">Who is let in over TLS; null where no listener has it.</param>
    public static IServiceCollection AddWeirGateways(this IServiceCollection services, GatewayRegistry gateways, GatewayOptions options, GatewayIdentity? identity = null)
    {
        IGrpcServerBuilder grpcServer = services.AddGrpc(grpc =>
        {
            // Above the batch limit, so that a batch too large is answered rather than breaking the stream.
            grpc.MaxReceiveMessageSize = 4 * options.MaxBatchBytes;
            grpc.EnableDetailedErrors = false;
        });
        // Entries are compressed by themselves: a message that unfolds is refused before it does. Behind the defaults, which know gzip and deflate.
        services.PostConfigure<GrpcServiceOptions>(static grpc => grpc.CompressionProviders.Clear());
        if (identity is not null)
        {
            services.AddSingleton(identity);
            grpcServer.AddServiceOptions<EnrollmentService>(static enrollment => enrollment.MaxReceiveMessageSize = EnrollmentService.MaxRequestBytes);
        }

        services.AddSingleton(gateways);
        services.AddSingleton<AgentDirectives>();
        services.AddSingleton<IAgentDirectives>(static provider => provider.GetRequiredService<AgentDirectives>());
        services.AddSingleton(new GatewayMetrics(gateways));
        services.AddHostedService<BackfillShares>();
        services.AddSingleton(provider => new GatewayContext(
            provider.GetRequiredService<ILog>(), gateways, provider.GetRequiredService<AgentDirectives>(), options,
            provider.GetRequiredService<GatewayMetrics>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<IntakeService>>(), identity));
        services.AddSingleton<PostIntake>();
        return services;
    }

    /// <summary>Maps the intake service, as a gRPC stream and by POST, and that of backlogs.</summary>
    public static void MapWeirIntake(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<IntakeService>();
        endpoints.MapGrpcService<BackfillService>();
        endpoints.MapPost(PostIntake.Path, endpoints.ServiceProvider.GetRequiredService<PostIntake>().HandleAsync);
    }

    /// <summary>Maps the enrolment service.</summary>
    public static void MapWeirEnrollment(this IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<EnrollmentService>();
}
