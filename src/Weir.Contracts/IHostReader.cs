namespace Weir.Contracts;

/// <summary>Reads what a store knows of hosts: what the fleet page shows.</summary>
public interface IHostReader
{
    /// <summary>Every host of a tenant, in no particular order.</summary>
    IReadOnlyList<HostInfo> Hosts(string tenant);
}

/// <summary>One host as its agent described it, and how fresh its samples are.</summary>
public sealed record HostInfo
{
    /// <summary>Whose host.</summary>
    public required string Tenant { get; init; }

    /// <summary>128-bit agent id, 32 lower-case hexadecimal digits.</summary>
    public required string AgentId { get; init; }

    /// <summary><c>host.name</c>, or the agent id where none was declared.</summary>
    public required string Name { get; init; }

    /// <summary>Host attributes in OpenTelemetry names (<c>os.type</c>, <c>host.arch</c>, <c>weir.agent.version</c>, ...).</summary>
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }

    /// <summary>Time of the newest stored sample, Unix ms; 0 where none is stored yet.</summary>
    public required long LastSampleMs { get; init; }

    /// <summary>Interval of the host's fastest group, ms; 0 where unknown. Staleness is judged in multiples of it.</summary>
    public required int IntervalMs { get; init; }

    /// <summary>Series seen in the newest frame of each group.</summary>
    public required int SeriesCount { get; init; }
}
