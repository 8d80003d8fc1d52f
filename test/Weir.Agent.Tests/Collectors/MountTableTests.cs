using System.Text;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux;
using Weir.Agent.Configuration;

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

    [Theory]
    [InlineData("/dev/a /mnt ext4 rw 0 0\n/dev/b /mnt ext4 ro 0 0\n", "/dev/b /mnt ro")]
    [InlineData("/dev/a /mnt ext4 rw 0 0\ntmpfs /mnt tmpfs rw 0 0\n", "")]
    [InlineData("/dev/a /mnt ext4 rw 0 0\n/dev/b /mnt ext4 rw 0 0\n/dev/a /other ext4 rw 0 0\n", "/dev/b /mnt rw, /dev/a /other rw")]
    [InlineData("/dev/a /mnt ext4 rw 0 0\n/dev/a /mnt ext4 rw 0 0\n/dev/b /mnt ext4\n", "/dev/a /mnt rw")]
    public void Parse_MountsOverOneAnother_OnlyTheLastIsThere(string mounts, string expected) =>
        Assert.Equal(expected, string.Join(", ", MountTable.Parse(Encoding.UTF8.GetBytes(mounts), "nodev\ttmpfs\n\text4\n"u8, NamePatterns.None).Select(static mount => $"{mount.Device} {mount.Point} {mount.Mode}")));

    [Fact]
    public void PathIn_ProcessOneHidden_IsTheOwn() => Assert.Equal(Path.Combine(_proc, "self", "mounts"), MountTable.PathIn(new LinuxRoots(_proc, _proc)));
}
