namespace Weir.Scenarios.Oracle;

/// <summary>The named steps at which processes are killed. <c>docs/reliability.md</c> lists them.</summary>
internal static class FaultPoints
{
    /// <summary>The steps of an agent.</summary>
    public static IReadOnlyList<string> Agent { get; } =
    [
        "segment.write:N:before", "segment.write:N:torn", "segment.write:N:after", "segment.flush:N:before", "segment.flush:N:after",
        "segment.create:1:before", "segment.create:1:after", "segment.sync:1:before", "segment.sync:1:after", "segment.delete:1:before", "segment.delete:1:after",
        "acks.create:N:after", "acks.write:N:torn", "acks.flush:N:before", "acks.rename:N:before", "acks.rename:N:after", "acks.sync:N:after",
        "agent.create:1:before", "agent.write:1:torn", "agent.flush:1:before", "agent.rename:1:before", "agent.rename:1:after", "agent.sync:1:after",
    ];

    /// <summary>The steps of a server.</summary>
    public static IReadOnlyList<string> Server { get; } =
    [
        "segment.write:N:before", "segment.write:N:torn", "segment.write:N:after", "segment.flush:N:before", "segment.flush:N:after",
        "segment.create:1:after", "segment.sync:1:before", "segment.delete:1:before", "segment.delete:1:after", "segment.sync:2:after",
        "part.create:1:after", "part.write:1:torn", "part.flush:1:before", "part.flush:1:after", "part.rename:1:before", "part.rename:1:after", "part.sync:1:after",
        "manifest.create:1:after", "manifest.write:1:torn", "manifest.flush:1:before", "manifest.rename:1:before", "manifest.rename:1:after", "manifest.sync:1:after",
    ];

    /// <summary>A point with its place in time.</summary>
    public static string At(string point, int number) => point.Replace(":N:", $":{number}:", StringComparison.Ordinal);
}
