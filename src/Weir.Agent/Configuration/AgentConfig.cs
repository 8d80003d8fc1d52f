using System.Net;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Scraping;
using Weir.Protocol.Identity;

namespace Weir.Agent.Configuration;

/// <summary>How an agent collects, keeps and sends: the content of <c>weir-agent.yaml</c>.</summary>
/// <remarks>Immutable; equal to another that means the same. Made by <see cref="AgentConfigReader"/> from a file, or directly by a program that runs the agent in process. <c>docs/weir-agent.reference.yaml</c> comments every key.</remarks>
public sealed record AgentConfig
{
    /// <summary>Shortest interval of a tick.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest interval of a tick.</summary>
    public static readonly TimeSpan MaxInterval = TimeSpan.FromHours(1);

    /// <summary>Longest frame: longer ones cross the minute, where frames close anyway.</summary>
    public const int MaxFrameSeconds = 60;

    /// <summary>Port of enrolment where none is named.</summary>
    public const int DefaultEnrollPort = 7401;

    /// <summary>Smallest spool that is worth having: 16 MiB.</summary>
    public const long MinSpoolBytes = 16L << 20;

    /// <summary>Largest spool: 1 TiB.</summary>
    public const long MaxSpoolBytes = 1L << 40;

    /// <summary>Largest reserve: 1 GiB.</summary>
    public const long MaxSpoolReserveBytes = 1L << 30;

    private static readonly CollectorConfig DefaultCollector = new();

    /// <summary>Where the gateways are: <c>host:port</c>, several separated by spaces. Default: a gateway on this host.</summary>
    public string Gateway { get; init; } = "127.0.0.1:7400";

    /// <summary>What the agent joins with where it has no certificate yet; null: it has one, or speaks without TLS.</summary>
    public JoinToken? JoinToken { get; init; }

    /// <summary>Where it joins and renews its certificate: <c>host:port</c>; null: port 7401 of the first gateway's host.</summary>
    public string? EnrollAddress { get; init; }

    /// <summary>Whether TLS is left out although the agent may have joined: the local agent of a server whose gateway on loopback speaks without.</summary>
    internal bool IsWithoutTls { get; init; }

    /// <summary>Whether a gateway that is not on this host may be spoken to without encryption. Default: no.</summary>
    public bool Insecure { get; init; }

    /// <summary>Where agent id, spool and clock generation are kept; made where it does not exist. One agent at a time.</summary>
    public string DataDirectory { get; init; } = DefaultDataDirectory;

    /// <summary>The set of defaults that the file began from.</summary>
    public CollectionProfile Profile { get; init; }

    /// <summary>Most series of one collector, 1 to 8000, default 8000. One that has more fails with the number, its neighbours do not.</summary>
    public int MaxSeriesPerCollector { get; init; } = Collection.Columns.MaxSeries;

    /// <summary>Distance of the ticks of the high lane. 100 ms to 1 h, default 1 s. Shorter costs more of everything.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Distance of the ticks of the normal lane, where <see cref="Interval"/> is not longer. 100 ms to 1 h, default 15 s.</summary>
    public TimeSpan NormalInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a frame gathers ticks, 0 to 60 s, default 5; 0 sends each tick. Longer frames take fewer bytes and arrive later.</summary>
    public int FrameSeconds { get; init; } = 5;

    /// <summary>Whether the way to the gateway is slow or paid by the byte: frames then gather up to a minute, unless somebody looks at the host. Default: no.</summary>
    public bool IsUplinkMetered { get; init; }

    /// <summary>How messages go to the gateway, default <see cref="UplinkTransport.Auto"/>.</summary>
    public UplinkTransport Transport { get; init; } = UplinkTransport.Auto;

    /// <summary>The proxy on the way to the gateway: <c>none</c>, <c>system</c> or a URL, default none. It sees encrypted bytes only.</summary>
    public string Proxy { get; init; } = ProxySetting.None;

    /// <summary>How long the uplink may be idle before it says that it lives: 1 s to 10 min, default 30 s. A gateway silent for three of them counts as dead.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A backlog above this goes in chunks beside the stream: 16 MiB to 1 TiB, default 64 MiB.</summary>
    public long UploadAboveBytes { get; init; } = 64L << 20;

    /// <summary>What the spool may take on disk, default 512 MiB: about two weeks of 500 series at 1 s. Beyond it the oldest is given up and declared.</summary>
    public long SpoolBytes { get; init; } = 512L << 20;

    /// <summary>What is kept free on the disk for acks, state and tombstones when others fill it, 0 to 1 GiB, default 1 MiB. 0 keeps nothing.</summary>
    public long SpoolReserveBytes { get; init; } = 1L << 20;

    /// <summary>Where <c>/metrics</c> and <c>/status</c> are served, default 127.0.0.1:7402; null: nowhere. They are not encrypted, and anybody who reaches the address may read them.</summary>
    public IPEndPoint? Listen { get; init; } = new(IPAddress.Loopback, 7402);

    /// <summary>The host's name in all its series; null takes the system's.</summary>
    public string? HostName { get; init; }

    /// <summary>Attributes that all series of this host carry besides <c>host.name</c> and <c>host.id</c>.</summary>
    public IReadOnlyDictionary<string, string> HostAttributes { get; init => field = new EqualMap<string>(value); } = EqualMap<string>.Empty;

    /// <summary>What differs from the collectors' defaults, by collector name.</summary>
    public IReadOnlyDictionary<string, CollectorConfig> Collectors { get; init => field = new EqualMap<CollectorConfig>(value); } = EqualMap<CollectorConfig>.Empty;

    /// <summary>Performance objects to report on Windows, at most <see cref="PdhObjectConfig.MaxObjects"/>. Each is a collector of its own: <c>pdh:NAME</c>.</summary>
    public IReadOnlyList<PdhObjectConfig> PdhObjects { get; init => field = new EqualList<PdhObjectConfig>(value); } = EqualList<PdhObjectConfig>.Empty;

    /// <summary>WMI classes to report on Windows, at most <see cref="WmiClassConfig.MaxClasses"/>. Each is a collector of its own: <c>wmi:NAME</c>.</summary>
    public IReadOnlyList<WmiClassConfig> WmiClasses { get; init => field = new EqualList<WmiClassConfig>(value); } = EqualList<WmiClassConfig>.Empty;

    /// <summary>The endpoints whose series become series of this host.</summary>
    internal IReadOnlyList<ScrapeTarget> ScrapeTargets { get; init => field = new EqualList<ScrapeTarget>(value); } = EqualList<ScrapeTarget>.Empty;

    /// <summary>The least level that is logged, default <see cref="LogLevel.Information"/>.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The default of <see cref="DataDirectory"/> on this system.</summary>
    public static string DefaultDataDirectory => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Weir", "Agent")
        : "/var/lib/weir-agent";

    /// <summary>The defaults of a profile.</summary>
    internal static AgentConfig Of(CollectionProfile profile) => profile == CollectionProfile.TenSeconds ? new AgentConfig { Profile = profile, Interval = TimeSpan.FromSeconds(10), NormalInterval = TimeSpan.FromMinutes(1) } : new AgentConfig();

    /// <summary>The interval of a lane's collectors that have none of their own.</summary>
    internal TimeSpan IntervalOf(LaneKind lane) => lane == LaneKind.Normal && NormalInterval > Interval ? NormalInterval : Interval;

    /// <summary>The enrolment listener.</summary>
    internal Uri EnrollmentUri()
    {
        GatewayAddress? address = EnrollAddress is { } text ? GatewayAddress.TryParse(text)
            : GatewayAddress.TryParseAll(Gateway) is { } gateways ? gateways[0] with { Port = DefaultEnrollPort } : null;
        return new Uri((address ?? throw new ArgumentException($"'{EnrollAddress ?? Gateway}' is not {GatewayAddress.Form}")).ToUri(secure: true));
    }

    /// <summary>What is said of a collector.</summary>
    internal CollectorConfig ConfigOf(string collector) => Collectors.TryGetValue(collector, out CollectorConfig? config) ? config : DefaultCollector;
}
