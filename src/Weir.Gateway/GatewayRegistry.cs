namespace Weir.Gateway;

/// <summary>Which gateway serves which local port of this process.</summary>
public sealed class GatewayRegistry
{
    private readonly Dictionary<int, GatewayInstance> _byPort = [];
    private readonly List<GatewayInstance> _all = [];

    /// <summary>All gateways, in the order they were added.</summary>
    public IReadOnlyList<GatewayInstance> All => _all;

    /// <summary>Adds a gateway before the listeners open.</summary>
    public void Add(GatewayInstance gateway) => _all.Add(gateway);

    /// <summary>Says on which port a gateway listens, once that is known.</summary>
    public void Bind(int port, GatewayInstance gateway)
    {
        lock (_byPort) _byPort[port] = gateway;
    }

    /// <summary>The gateway of a port; null for other ports.</summary>
    public GatewayInstance? Of(int port)
    {
        lock (_byPort) return _byPort.GetValueOrDefault(port);
    }
}
