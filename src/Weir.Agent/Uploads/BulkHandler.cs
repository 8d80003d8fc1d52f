using System.Net;
using Weir.Agent.Configuration;

namespace Weir.Agent.Uploads;

/// <summary>Connections for what is large: of their own, so that nothing fresh waits behind it.</summary>
internal static class BulkHandler
{
    /// <summary>Makes a handler as the configuration says.</summary>
    public static SocketsHttpHandler Create(AgentConfig config)
    {
        ProxySetting.TryRead(config.Proxy, out IWebProxy? proxy);
        return new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), UseProxy = proxy is not null, Proxy = proxy };
    }
}
