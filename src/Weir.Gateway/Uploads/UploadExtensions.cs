using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>Puts uploads beside the gateways of a process.</summary>
public static class UploadExtensions
{
    /// <summary>Opens the uploads of a directory and registers them. The gateways and a <see cref="TimeProvider"/> must be registered too.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static IServiceCollection AddWeirUploads(this IServiceCollection services, IFileSystem files, string directory, UploadOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        UploadStore store = UploadStore.Open(files, directory, options, time, loggers.CreateLogger<UploadStore>());
        // By factory: the container closes what it has made.
        services.AddSingleton(_ => store);
        services.AddSingleton(static provider => provider.GetRequiredService<UploadStore>().Metrics);
        services.AddSingleton<UploadEndpoints>();
        services.AddHostedService<UploadUpkeep>();
        return services;
    }

    /// <summary>Maps the routes of uploads; listeners that are no gateways answer 404.</summary>
    public static void MapWeirUploads(this IEndpointRouteBuilder endpoints)
    {
        UploadEndpoints uploads = endpoints.ServiceProvider.GetRequiredService<UploadEndpoints>();
        endpoints.MapPost("/api/upload/context", uploads.BeginAsync);
        endpoints.MapGet("/api/upload/{uploadId}", uploads.DescribeAsync);
        endpoints.MapPut("/api/upload/{uploadId}/chunks/{chunk}", uploads.PutAsync);
        endpoints.MapPost("/api/upload/{uploadId}/commit", uploads.CommitAsync);
    }
}
