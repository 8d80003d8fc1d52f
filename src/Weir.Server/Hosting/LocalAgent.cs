using System.Net;
using Microsoft.Extensions.Logging;
using Weir.Agent;
using Weir.Agent.Configuration;
using Weir.Protocol.Identity;
using Weir.Server.Configuration;

namespace Weir.Server.Hosting;

/// <summary>The agent of <c>weir up</c>: the same agent as everywhere, speaking to the first gateway over loopback, each tick a frame.</summary>
internal static class LocalAgent
{
    private const int RestartSeconds = 5;
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);

    /// <summary>Runs the agent until the server goes down; an agent that fails is started again and takes nothing down with it.</summary>
    public static async Task RunAsync(ServerConfig config, WeirServer server, CancellationToken cancellationToken)
    {
        if (!config.AgentEnabled) return;
        IPEndPoint gateway = server.Grpc[0];
        bool tls = config.IsTls(config.Grpc[0]);
        var agentConfig = new AgentConfig
        {
            Gateway = new IPEndPoint(Loopback(gateway.Address), gateway.Port).ToString(),
            DataDirectory = server.AgentDirectory,
            FrameSeconds = 0,
            IsWithoutTls = !tls,
            // The server's own /metrics has all of it.
            Listen = null,
            EnrollAddress = new IPEndPoint(Loopback(server.Enroll.Address), server.Enroll.Port).ToString(),
        };
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // It joins as every other agent does, with a token that nobody else sees; and again, where it was away for so long that its certificate cannot be renewed.
                JoinToken? token = tls ? server.Identity.Directory.CreateToken("default", uses: 1, TokenLifetime, "local agent") : null;
                await new AgentHost(agentConfig with { JoinToken = token }, server.Loggers, TimeProvider.System).RunAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                server.Loggers.CreateLogger<AgentHost>().LocalAgentFailed(e, RestartSeconds);
                await Task.Delay(TimeSpan.FromSeconds(RestartSeconds), TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static IPAddress Loopback(IPAddress address) => address.Equals(IPAddress.Any) ? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
}
