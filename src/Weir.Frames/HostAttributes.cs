namespace Weir.Frames;

/// <summary>Which attributes of a host are labels of all its series, and which describe it.</summary>
public static class HostAttributes
{
    /// <summary>The host's name.</summary>
    public const string Name = "host.name";

    /// <summary>The agent's id, 32 hexadecimal digits.</summary>
    public const string Id = "host.id";

    private static readonly string[] DescriptiveNamespaces = ["os.", "host.", "weir.", "process.", "telemetry."];

    /// <summary>Whether an attribute belongs to what the agent says of its host by itself: no configuration may set it.</summary>
    public static bool IsReserved(string key) => DescriptiveNamespaces.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Whether every series of the host carries the attribute: its name, its id, and what was configured.</summary>
    public static bool IsLabel(string key) => key is Name or Id || !IsReserved(key);
}
