using System.Text;

namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>A control group: a systemd unit, a slice, a container.</summary>
internal sealed record Cgroup
{
    private const int ContainerIdLength = 64;

    /// <summary>Takes the path of a group.</summary>
    /// <param name="path">Below the root of the hierarchy, with a slash before each name.</param>
    public Cgroup(string path)
    {
        Path = path;
        Bytes = Encoding.UTF8.GetBytes(path.TrimStart('/'));
        ContainerId = ContainerIdOf(path.AsSpan(path.LastIndexOf('/') + 1));
    }

    /// <summary>Its path: <c>/system.slice/ssh.service</c>.</summary>
    public string Path { get; }

    /// <summary>The path as the kernel wants it, relative to the root.</summary>
    public byte[] Bytes { get; }

    /// <summary>The id of the container that it is; null where it is none.</summary>
    public string? ContainerId { get; }

    /// <summary>What it read and wrote, as far as its collector saw.</summary>
    public CgroupIo Io { get; } = new();

    /// <inheritdoc/>
    public bool Equals(Cgroup? other) => other is not null && other.Path == Path;

    /// <inheritdoc/>
    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);

    // docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope, or the id alone.
    private static string? ContainerIdOf(ReadOnlySpan<char> name)
    {
        int run = 0;
        for (int i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && char.IsAsciiHexDigitLower(name[i]))
            {
                run++;
                continue;
            }

            if (run == ContainerIdLength) return name.Slice(i - run, run).ToString();
            run = 0;
        }

        return null;
    }
}
