namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>Where the series of the control groups are: what the kernel does not have here is left out.</summary>
/// <remarks>Containers stand before the other groups, and both of a pair of templates have the same metrics: a group's series follow from its index alone.</remarks>
internal sealed class CgroupParts
{
    /// <summary>The resources whose pressure is told.</summary>
    public static readonly string[] Resources = ["cpu", "memory", "io"];

    private readonly List<SchemaPart> _parts = [];

    /// <summary>Lays the series out.</summary>
    /// <param name="groups">Containers first.</param>
    /// <param name="controllers">The kernel's controllers: <c>cpu memory io pids</c>.</param>
    /// <param name="hasPressure">Whether the kernel tells pressure.</param>
    public CgroupParts(Cgroup[] groups, IReadOnlyCollection<string> controllers, bool hasPressure)
    {
        Cgroup[] containers = [.. groups.TakeWhile(static group => group.ContainerId is not null)], others = groups[containers.Length..];
        Cpu = Add(containers, others, Templates.ContainerCpu, Templates.GroupCpu, ["user", "system"]);
        Throttling = controllers.Contains("cpu") ? Add([], groups, Templates.GroupThrottling, Templates.GroupThrottling, []) : -1;
        Memory = controllers.Contains("memory") ? Add(containers, others, Templates.ContainerMemory, Templates.GroupMemory, []) : -1;
        MemoryLimit = controllers.Contains("memory") ? Add([], groups, Templates.GroupMemoryLimit, Templates.GroupMemoryLimit, []) : -1;
        Io = controllers.Contains("io") ? Add(containers, others, Templates.ContainerIo, Templates.GroupIo, ["read", "write"]) : -1;
        Operations = controllers.Contains("io") ? Add([], groups, Templates.GroupOperations, Templates.GroupOperations, ["read", "write"]) : -1;
        Processes = controllers.Contains("pids") ? Add([], groups, Templates.GroupProcesses, Templates.GroupProcesses, []) : -1;
        Pressure = hasPressure ? Add([], groups, Templates.GroupPressure, Templates.GroupPressure, Resources) : -1;
    }

    /// <summary>The parts, in order.</summary>
    public IReadOnlyList<SchemaPart> All => _parts;

    /// <summary>First series of the CPU times, two for each group; the others: likewise, -1 where they are not here.</summary>
    public int Cpu { get; }

    public int Throttling { get; }

    public int Memory { get; }

    public int MemoryLimit { get; }

    public int Io { get; }

    public int Operations { get; }

    public int Processes { get; }

    public int Pressure { get; }

    private int Add(Cgroup[] containers, Cgroup[] others, Template container, Template other, string[] last)
    {
        int at = _parts.Sum(static part => part.SeriesCount);
        if (containers.Length > 0) _parts.Add(new SchemaPart(container, Instances(containers, static group => [group.ContainerId!, group.Path], last)));
        if (others.Length > 0) _parts.Add(new SchemaPart(other, Instances(others, static group => [group.Path], last)));
        return at;
    }

    private static string[][] Instances(Cgroup[] groups, Func<Cgroup, string[]> attributes, string[] last) =>
        last.Length == 0
            ? [.. groups.Select(attributes)]
            : [.. groups.SelectMany(group => last.Select(value => (string[])[.. attributes(group), value]))];
}
