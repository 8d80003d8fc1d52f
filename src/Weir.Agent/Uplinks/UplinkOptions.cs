using Weir.Agent.Configuration;

namespace Weir.Agent.Uplinks;

/// <summary>Options of the uplink.</summary>
/// <param name="Gateways">Addresses of the gateways as URIs: <c>http://host:port</c>, or <c>https</c> with an identity. At least one; where one fails, the next is tried.</param>
/// <param name="AgentVersion">Version told in Hello.</param>
/// <param name="OsVersion">Operating system told in Hello.</param>
internal sealed record UplinkOptions(IReadOnlyList<Uri> Gateways, string AgentVersion, string OsVersion)
{
    /// <summary>What makes connections. Default: without proxy and TLS.</summary>
    public GatewayConnector Connector { get; init; } = GatewayConnector.Plain;

    /// <summary>Most entry bytes of a batch. Default 256 KiB.</summary>
    public int MaxBatchBytes { get; init; } = 256 * 1024;

    /// <summary>How long the uplink may be idle before it says that it lives. Default 30 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many heartbeats without any word from the gateway mean that it is dead. Default 3.</summary>
    public int MissedHeartbeats { get; init; } = 3;

    /// <summary>How long nothing may come from the gateway before the connection is asked, below messages, whether it lives. Default 20 s.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long it may take to answer before it counts as dead. Default 20 s: on a slow link the question waits behind what is under way.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long connecting and Welcome may take. Default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First delay before connecting again. Default 0.5 s, doubled up to <see cref="MaxDelay"/>.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest delay. Default 60 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection must have held for the delay to start over. Default 30 s.</summary>
    public TimeSpan SustainedSuccess { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An entry older than this goes into the backfill class. Default 60 s.</summary>
    public TimeSpan LiveAge { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often it is looked whether the gateway is silent. Default 5 s.</summary>
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How messages go. Default: as a stream, by POST where that does not pass.</summary>
    public UplinkTransport Transport { get; init; } = UplinkTransport.Auto;

    /// <summary>The longest that a gateway may have the agent wait, whatever it asks for. Default 15 min.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often acks are written down. Default 15 s: each costs two flushes, and what is not written is only sent once more.</summary>
    public TimeSpan SaveAcksInterval { get; init; } = TimeSpan.FromSeconds(15);
}
