using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux;

namespace Weir.Agent.Tests.Collectors;

public sealed class MountTableTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("weir-proc-").FullName;

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    [Fact]
    public void PathIn_ProcessOneReadable_IsThatOfTheHost()
    {
        Directory.CreateDirectory(Path.Combine(_proc, "1"));
        File.WriteAllText(Path.Combine(_proc, "1", "mounts"), "");
        Assert.Equal(Path.Combine(_proc, "1", "mounts"), MountTable.PathIn(new LinuxRoots(_proc, _proc)));
    }

    [Fact]
    public void PathIn_ProcessOneHidden_IsTheOwn() => Assert.Equal(Path.Combine(_proc, "self", "mounts"), MountTable.PathIn(new LinuxRoots(_proc, _proc)));
}
