using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsMemoryCollectorTests
{
    private const double KiB = 1024;

    [Fact]
    public void Collect_UsedAndFreeAreTheLimit()
    {
        using var collector = new WindowsMemoryCollector();
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.True(values["system.memory.limit{}"] > 0);
        Assert.Equal(values["system.memory.limit{}"], values["system.memory.usage{used}"] + values["system.memory.usage{free}"]);
        Assert.InRange(values["windows.memory.commit.usage{}"], 1, values["windows.memory.commit.limit{}"]);
        Assert.All(["windows.memory.cache.usage{}", "windows.memory.pool.usage{paged}", "windows.memory.pool.usage{nonpaged}"], series => Assert.True(values[series] >= 0));
    }

    [Fact]
    public void Collect_Limit_IsWhatLinuxSaysOfTheMachine()
    {
        HostProc.SkipWithout();
        using var collector = new WindowsMemoryCollector();
        // Wine leaves out the last page.
        double total = HostProc.Line("meminfo", "MemTotal")[0] * KiB;
        Assert.InRange(Readings.Of(collector)["system.memory.limit{}"], total - Environment.SystemPageSize, total);
    }
}
