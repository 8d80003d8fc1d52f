using System.Net;
using System.Net.NetworkInformation;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Tells whether a URL names this host.</summary>
internal static class LocalAddress
{
    /// <summary>Whether it does: by a loopback name or address, by the host's own name, or by an address that an interface has now. Nothing is looked up in a name service.</summary>
    public static bool Is(Uri url)
    {
        if (url.IsLoopback || url.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) return true;
        return IPAddress.TryParse(url.DnsSafeHost, out IPAddress? address)
            ? IPAddress.IsLoopback(address) || IsOwn(address)
            : string.Equals(url.Host, Environment.MachineName, StringComparison.OrdinalIgnoreCase) || string.Equals(url.Host, Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsOwn(IPAddress address)
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().SelectMany(static each => each.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(address));
        }
        catch (NetworkInformationException)
        {
            // A host that does not tell its addresses has none by which it could be named.
            return false;
        }
    }
}
