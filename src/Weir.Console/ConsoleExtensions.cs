using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Weir.Console.Pages;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Console;

/// <summary>Puts the console into a web application.</summary>
public static class ConsoleExtensions
{
    private const string Tenant = "default";

    // Everything comes from this server; nothing inline, nothing framed.
    private const string ContentSecurityPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Registers what the pages need. An <see cref="IHostReader"/>, <see cref="IAgentDirectives"/> and a <see cref="TimeProvider"/> must be registered too.</summary>
    public static IServiceCollection AddWeirConsole(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddSingleton<ConsoleAssets>();
        services.AddSingleton<HostWatch>();
        services.AddSingleton<HostCollect>();
        return services;
    }

    /// <summary>Maps the pages: <c>/</c> (fleet), <c>/host/{agentId}</c>, and their parts.</summary>
    public static void MapWeirConsole(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", (HttpContext context, IHostReader hosts, TimeProvider time) => Page<FleetPage>(context, "View", Fleet(context, hosts, time)));
        endpoints.MapGet("/fleet/rows", (HttpContext context, IHostReader hosts, TimeProvider time) => Page<FleetRows>(context, "View", Fleet(context, hosts, time)));
        endpoints.MapGet("/host/{agentId}", (HttpContext context, string agentId, IHostReader hosts, TimeProvider time) =>
        {
            HostInfo? host = hosts.Hosts(Tenant).FirstOrDefault(host => host.AgentId == agentId);
            if (host is not null) return Page<HostPage>(context, "Row", new FleetRow(host, HostStates.Of(host, Now(time)), Math.Max(0, Now(time) - host.LastSampleMs)));
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Page<MissingPage>(context, "What", $"No host has the agent id {agentId}.");
        });
        endpoints.MapGet("/host/{agentId}/state", (string agentId, IHostReader hosts, TimeProvider time) =>
            hosts.Hosts(Tenant).FirstOrDefault(host => host.AgentId == agentId) is { } host
                ? Results.Json(new { state = HostStates.Word(HostStates.Of(host, Now(time))), lastSampleMs = host.LastSampleMs, nowMs = Now(time) })
                : Results.NotFound());
        endpoints.MapPost("/api/v1/weir/hosts/{agentId}/watch", static (string agentId, IHostReader hosts, HostWatch watch) =>
            AgentId.TryParse(agentId, out AgentId agent) && hosts.Hosts(Tenant).Any(host => host.AgentId == agentId)
                ? Results.Json(new { live = watch.TryHold(Tenant, agent), seconds = (int)HostWatch.Lease.TotalSeconds })
                : Results.NotFound());
        endpoints.MapPost("/api/v1/weir/hosts/{host}/collect", CollectAsync);
        endpoints.MapGet("/assets/{name}", static (HttpContext context, string name, ConsoleAssets assets) => assets.Serve(context, name));
    }

    // By agent id, or by name where one host alone has it.
    private static async Task<IResult> CollectAsync(string host, string collector, uint interval_ms, uint seconds, IHostReader hosts, HostCollect orders, CancellationToken cancellationToken)
    {
        HostInfo[] found = [.. hosts.Hosts(Tenant).Where(each => each.AgentId == host || each.Name == host)];
        if (found.Length == 0) return Answer($"no host is called {host}", StatusCodes.Status404NotFound);
        if (found.Length > 1) return Answer($"{found.Length} hosts are called {host}: name one by its agent id ({string.Join(", ", found.Select(static each => each.AgentId).Order().Take(5))})", StatusCodes.Status409Conflict);
        if (!AgentId.TryParse(found[0].AgentId, out AgentId agent)) return Answer($"{found[0].Name} has no agent", StatusCodes.Status404NotFound);
        var order = new Collect { Collector = collector, IntervalMs = interval_ms, Seconds = seconds };
        return await orders.TryOrderAsync(Tenant, agent, order, cancellationToken) is not { } result
            ? Answer($"the agent of {found[0].Name} is not connected, or does not answer", StatusCodes.Status504GatewayTimeout)
            : Answer($"{found[0].Name}: {result.Detail}", result.Status == DirectiveStatus.Done ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private static IResult Answer(string detail, int status) => Results.Json(new { detail }, statusCode: status);

    private static FleetView Fleet(HttpContext context, IHostReader hosts, TimeProvider time) =>
        FleetView.Make(hosts.Hosts(Tenant), FleetQuery.Read(context.Request.Query), Now(time));

    private static long Now(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static RazorComponentResult Page<T>(HttpContext context, string parameter, object value)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        context.Response.Headers.CacheControl = "no-store";
        int? status = context.Response.StatusCode == StatusCodes.Status200OK ? null : context.Response.StatusCode;
        return new RazorComponentResult(typeof(T), new Dictionary<string, object?> { [parameter] = value }) { StatusCode = status };
    }
}
