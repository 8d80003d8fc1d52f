using System.Text.Json;

namespace Weir.Scenarios;

/// <summary>The Windows agent as it ships, built here and run under wine: the seam holds on the other system too.</summary>
/// <remarks>Wine answers the two native calls behind cpu and memory with the real values of this machine.</remarks>
[Collection(PublishCollection.Name)]
public sealed class WindowsAgentTests
{
    private const long MaxFolderBytes = 20_000_000; // the budget; 16 MB today
    private const string DebianLoader = "/usr/lib/wine/wine64"; // off the PATH there

    /// <summary>The loader; null where there is none.</summary>
    internal static string? Wine => CommandRun.IsOnPath("wine64") ? "wine64" : File.Exists(DebianLoader) ? DebianLoader : null;

    [Fact]
    public async Task A_Windows_agent_built_on_Linux_runs_under_wine_and_prints_cpu_and_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "wine64 stands in for Windows on Linux only");
        Assert.SkipUnless(Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");

        await Published.ShipAsync("win-x64", TestContext.Current.CancellationToken);

        long folderBytes = new DirectoryInfo(RepositoryRoot.Combine("artifacts", "publish", "win-x64")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);
        Assert.InRange(folderBytes, 1, MaxFolderBytes);
        ScriptResult once = await Script.RunAsync("eng/wine", ["agent", "once"], TestContext.Current.CancellationToken);
        Assert.True(once.ExitCode == 0, once.ToString());
        Assert.Contains("system.cpu.time", once.Output, StringComparison.Ordinal);
        Assert.Contains("system.memory.usage", once.Output, StringComparison.Ordinal);
        Assert.Contains("system.network.io", once.Output, StringComparison.Ordinal);
        Assert.Contains("windows.service.state", once.Output, StringComparison.Ordinal);
        // Wine's own pdh.dll would hang whoever calls it.
        Assert.Contains("cpu_queue: this is wine, and its pdh.dll has no counters", once.Errors, StringComparison.Ordinal);

        ScriptResult doctor = await Script.RunAsync("eng/wine", ["agent", "doctor", "--here"], TestContext.Current.CancellationToken);
        // It knows no processor groups: the second source works.
        Assert.Matches("cpu +degraded +NtQuerySystemInformation +no special right", doctor.Output);
        Assert.Matches("network +works +GetIfTable2 +no special right", doctor.Output);
        Assert.Matches("(is|are) degraded", doctor.Output);
        ScriptResult list = await Script.RunAsync("eng/wine", ["agent", "list", "--here"], TestContext.Current.CancellationToken);
        Assert.True(list.ExitCode == 0, list.ToString());
        Assert.Matches("pressure +not on this system", list.Output);
    }

    [Fact]
    public async Task The_one_file_that_ships_runs_under_wine_and_prints_what_the_folder_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "wine64 stands in for Windows on Linux only");
        Assert.SkipUnless(Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");

        await Published.ShipAsync("win-x64-file", TestContext.Current.CancellationToken);
        await Published.ShipAsync("win-x64", TestContext.Current.CancellationToken);

        ScriptResult file = await Script.RunAsync("eng/wine", ["file", "once", "--output", "json"], TestContext.Current.CancellationToken);
        ScriptResult folder = await Script.RunAsync("eng/wine", ["agent", "once", "--output", "json"], TestContext.Current.CancellationToken);
        Assert.True(file.ExitCode == 0, file.ToString());
        Assert.Equal(Metrics(folder), Metrics(file));

        static IEnumerable<string> Metrics(ScriptResult once)
        {
            using var readings = JsonDocument.Parse(once.Output);
            return [.. readings.RootElement.EnumerateArray().Select(static reading => reading.GetProperty("metric").GetString()!).Distinct()];
        }
    }

    [Fact]
    public async Task The_tests_of_the_Windows_sources_pass_under_wine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "wine64 stands in for Windows on Linux only");
        Assert.SkipUnless(Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");
        Assert.SkipUnless(CommandRun.IsOnPath("x86_64-w64-mingw32-gcc"), "x86_64-w64-mingw32-gcc is missing, which builds their pdh.dll (Debian: apt-get install gcc-mingw-w64-x86-64)");

        await Published.ShipAsync("win-tests", TestContext.Current.CancellationToken);

        ScriptResult tests = await Script.RunAsync("eng/wine", ["tests", "-noLogo", "-noColor", "-namespace", "Weir.Agent.Tests.Windows*"], TestContext.Current.CancellationToken);
        Assert.True(tests.ExitCode == 0, tests.ToString());
        Assert.Matches("Total: [1-9][0-9]*, Errors: 0, Failed: 0, Skipped: 0", tests.Output);
    }
}
