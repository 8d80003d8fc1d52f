using System.Net;

namespace Weir.Agent.Configuration;

/// <summary>The proxy of a configuration.</summary>
internal static class ProxySetting
{
    /// <summary>No proxy, whatever the environment says.</summary>
    public const string None = "none";

    /// <summary>What may stand in a configuration.</summary>
    public const string Form = "none, system, or http://[USER:PASSWORD@]HOST:PORT";

    private const string System = "system";

    /// <summary>Reads <see cref="Form"/>.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="proxy">The proxy; null for none.</param>
    public static bool TryRead(string text, out IWebProxy? proxy)
    {
        proxy = null;
        if (text == None) return true;
        if (text == System)
        {
            proxy = HttpClient.DefaultProxy;
            return true;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Scheme != Uri.UriSchemeHttp || address.PathAndQuery != "/") return false;
        string[] user = address.UserInfo.Split(':', 2);
        proxy = new WebProxy(new UriBuilder(address) { UserName = "", Password = "" }.Uri)
        {
            Credentials = user is [var name, var password] ? new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password)) : null,
        };
        return true;
    }
}
