using System.Globalization;
using System.Net;

namespace Weir.Agent.Configuration;

/// <summary>Where a gateway listens.</summary>
/// <param name="Host">Name or address, without brackets.</param>
/// <param name="Port">TCP port.</param>
internal sealed record GatewayAddress(string Host, int Port)
{
    /// <summary>What may stand in a configuration.</summary>
    public const string Form = "HOST:PORT, as in 127.0.0.1:7400, weir.example.com:7400 or [::1]:7400; several separated by spaces";

    /// <summary>Whether the gateway is on this host, so that nothing passes a wire.</summary>
    public bool IsLoopback =>
        string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>The address for a gRPC client.</summary>
    /// <param name="secure">Whether over TLS.</param>
    public string ToUri(bool secure) => string.Create(CultureInfo.InvariantCulture, $"{(secure ? "https" : "http")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>Reads one or several of <see cref="Form"/>, separated by spaces; null where it is not that.</summary>
    public static IReadOnlyList<GatewayAddress>? TryParseAll(string text)
    {
        var found = new List<GatewayAddress>();
        foreach (string each in text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryParse(each) is not { } address) return null;
            found.Add(address);
        }

        return found.Count > 0 ? found : null;
    }

    /// <summary>Reads <see cref="Form"/>; null where it is not.</summary>
    public static GatewayAddress? TryParse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is 0 or > 65535) return null;
        string host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']')) return IPAddress.TryParse(host[1..^1], out _) ? new GatewayAddress(host[1..^1], port) : null;
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 ? new GatewayAddress(host, port) : null;
    }
}
