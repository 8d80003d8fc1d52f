using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Scenarios.Kernel;

namespace Weir.Scenarios.Services;

/// <summary>The Windows agent, the one file that ships, as a service of wine's service control manager: its real dispatcher, its real states.</summary>
/// <remarks>Wine takes the virtual account and runs the service as its one user: what the account may do is not shown here.</remarks>
[Collection(PublishCollection.Name)]
public sealed class WindowsServiceTests : IAsyncDisposable
{
    private const double MemorySlackBytes = 64 << 20; // what comes and goes between two readings of Linux
    private const double CpuSlackSeconds = 0.1; // idle time steps back by a few ticks now and then

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-service-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data of it"); // a path with spaces, as under Program Files

    public async ValueTask DisposeAsync()
    {
        if (WindowsAgentTests.Wine is not null) await Script.RunAsync("eng/wine", ["stop"], CancellationToken.None);
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_Windows_service_is_installed_starts_ships_what_Linux_says_of_the_machine_stops_in_order_and_is_uninstalled()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && WindowsAgentTests.Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");
        await ServiceAsync(0, "uninstall", "--yes"); // of a run that was cut off

        ScriptResult refused = await ServiceAsync(1, "install", "--config", $"Z:{_directory}/weir-agent.yaml", "--data", $"Z:{Data}");
        Assert.Contains("Nothing was changed.", refused.Output, StringComparison.Ordinal);
        Assert.Contains("not installed", (await ServiceAsync(1, "status")).Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));

        string server = Path.Combine(_directory, "weir.yaml");
        await File.WriteAllTextAsync(server, "agent: { enabled: false }\n", Cancellation);
        await using WeirProcess weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), new WeirUp { DataDirectory = Path.Combine(_directory, "server"), ConfigFile = server }, Cancellation);
        ScriptResult installed = await ServiceAsync(0, "install", "--yes", "--config", $"Z:{_directory}/weir-agent.yaml", "--data", $"Z:{Data}", "--gateway", weir.Grpc.Authority);
        Assert.Contains(@"account NT SERVICE\weir-agent", installed.Output, StringComparison.Ordinal);
        Assert.Contains("Performance Monitor Users", installed.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_directory, "weir-agent.yaml")));
        Assert.Contains("stopped", (await ServiceAsync(1, "status")).Output, StringComparison.Ordinal);

        await using var kernel = new KernelWatch();
        await ServiceAsync(0, "start");
        ScriptResult running = await ServiceAsync(0, "status");
        Assert.StartsWith("running\n  exit code 0\n  process ", running.Output, StringComparison.Ordinal);
        await CompareAsync(weir, kernel);
        ScriptResult again = await ServiceAsync(0, "install", "--yes");
        Assert.Contains($"Kept of the installed service: --config Z:{_directory}/weir-agent.yaml --data Z:{Data} --gateway {weir.Grpc.Authority}".Replace('/', '\\'), again.Output.Replace('/', '\\'), StringComparison.Ordinal);
        Assert.Contains("The service still runs as before", again.Output, StringComparison.Ordinal);
        await ServiceAsync(0, "stop");
        ScriptResult stopped = await ServiceAsync(1, "status");
        Assert.StartsWith("stopped\n  exit code 0\n", stopped.Output, StringComparison.Ordinal);
        Assert.Contains("Collection stopped; everything gathered is in the spool", await File.ReadAllTextAsync(Path.Combine(Data, "logs", "weir-agent.log"), Cancellation), StringComparison.Ordinal);

        // The window that was open is declared: the last thing that a stop writes.
        Assert.True(await CountAsync(EntryKind.Declaration) > 0);
        await ServiceAsync(0, "uninstall", "--yes");
        Assert.Contains("not installed", (await ServiceAsync(1, "status")).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Data, "agent")));
    }

    [Fact]
    public async Task A_service_that_cannot_start_says_why_in_its_log_and_its_exit_code_in_its_status()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && WindowsAgentTests.Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");
        await ServiceAsync(0, "uninstall", "--yes");
        await ServiceAsync(0, "install", "--yes", "--config", $"Z:{_directory}/weir-agent.yaml", "--data", $"Z:{Data}");
        await File.WriteAllTextAsync(Path.Combine(_directory, "weir-agent.yaml"), "interval: never\n", Cancellation);

        ScriptResult start = await ServiceAsync(1, "start");

        Assert.Contains("exit code 2", start.Errors, StringComparison.Ordinal);
        Assert.Contains("line 1: interval: 'never' is not allowed", await File.ReadAllTextAsync(Path.Combine(Data, "logs", "weir-agent.log"), Cancellation), StringComparison.Ordinal);
        await ServiceAsync(0, "uninstall", "--yes");
    }

    [Fact]
    public async Task A_service_whose_token_is_deleted_before_it_has_joined_says_so_in_its_log_and_its_exit_code()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && WindowsAgentTests.Wine is not null, "wine64 is missing (Debian: apt-get install wine64)");
        await ServiceAsync(0, "uninstall", "--yes");
        await ServiceAsync(0, "install", "--yes", "--config", $"Z:{_directory}/weir-agent.yaml", "--data", $"Z:{Data}", "--token", JoinToken.Draw(new byte[32]).Reveal());
        File.Delete(Path.Combine(Data, "join-token"));

        ScriptResult start = await ServiceAsync(1, "start");

        Assert.Contains("exit code 2", start.Errors, StringComparison.Ordinal);
        Assert.Contains("join-token cannot be read", await File.ReadAllTextAsync(Path.Combine(Data, "logs", "weir-agent.log"), Cancellation), StringComparison.Ordinal);
        await ServiceAsync(0, "uninstall", "--yes");
    }

    private static async Task<ScriptResult> ServiceAsync(int exitCode, params string[] arguments)
    {
        await Published.ShipAsync("win-x64-file", Cancellation);
        ScriptResult result = await Script.RunAsync("eng/wine", ["file", "service", .. arguments], [new("WEIR_WINE_KEEP", "1")], Cancellation);
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return result;
    }

    private async Task<int> CountAsync(EntryKind kind)
    {
        SpoolInspection spool = SpoolInspection.Open(new PhysicalFileSystem(), Data);
        await using (spool) return spool.Entries().Count(entry => !entry.IsDamaged && entry.Entry.Header.Kind == kind);
    }

    private static async Task CompareAsync(WeirProcess weir, KernelWatch kernel)
    {
        var shipped = new ShippedValues(weir, kernel);
        await shipped.HoldAsync("system_memory_limit_bytes", static _ => "limit", Environment.SystemPageSize, Cancellation); // wine leaves out the last page
        await shipped.HoldAsync("""system_memory_usage_bytes{system_memory_state="free"}""", static _ => "free", MemorySlackBytes, Cancellation); // to wine all of the cache is free
        await shipped.HoldAsync("""system_cpu_time_seconds_total{cpu_mode=~"user|idle"}""", static labels => $"{labels["cpu_logical_number"]} {labels["cpu_mode"]}", CpuSlackSeconds, Cancellation);
        Assert.NotEmpty(kernel.Interfaces);
        foreach (string each in kernel.Interfaces)
            await shipped.HoldAsync($$"""system_network_io_bytes_total{network_interface_name="{{each}}"}""", static labels => $"{labels["network_interface_name"]} {labels["network_io_direction"]}", 0, Cancellation);
    }
}
