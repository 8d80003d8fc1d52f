using System.Runtime.InteropServices;
using System.Text.Json;
using Weir.Scenarios.Kernel;

namespace Weir.Scenarios;

/// <summary>The native agent for arm64 under qemu: its instructions are emulated, its system calls are this kernel's. No arm64 machine has run it.</summary>
/// <remarks>Publishing it takes a minute: it is tested where somebody has.</remarks>
[Collection(PublishCollection.Name)]
public sealed class Arm64AgentTests : IDisposable
{
    private const string Emulator = "qemu-aarch64-static";
    private const double MemorySlackBytes = 64 << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-arm64-").FullName;

    private static readonly string Program = RepositoryRoot.Combine("artifacts", "publish", "linux-arm64", "weir-agent");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static void SkipWithout()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "emulated on Linux on x64 only");
        Assert.SkipUnless(File.Exists(Program), "the agent for arm64 is not published (eng/publish linux-arm64)");
        Assert.SkipUnless(CommandRun.IsOnPath(Emulator), $"{Emulator} is missing (Debian: apt-get install qemu-user-static)");
        // Where qemu itself looks for libraries.
        string root = Environment.GetEnvironmentVariable("QEMU_LD_PREFIX") ?? "/";
        Assert.SkipUnless(
            File.Exists(Path.Combine(root, "lib/ld-linux-aarch64.so.1")) && Directory.Exists(Path.Combine(root, "usr/lib/aarch64-linux-gnu")),
            "the C library and OpenSSL for arm64 are missing (Debian: dpkg --add-architecture arm64, apt-get install libssl3:arm64; or those packages unpacked into the folder QEMU_LD_PREFIX)");
    }

    private static async Task<ScriptResult> RunAsync(params string[] arguments)
    {
        // Script takes a path; env finds the emulator.
        ScriptResult result = await Script.RunAsync("/usr/bin/env", [Emulator, Program, .. arguments], Cancellation);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result;
    }

    [Fact]
    public async Task An_arm64_agent_reads_this_machine_under_emulation()
    {
        SkipWithout();
        Assert.Matches(@"^\d+\.\d+\.\d+", (await RunAsync("--version")).Output);
        using var once = JsonDocument.Parse((await RunAsync("once", "--output", "json")).Output);
        double limit = once.RootElement.EnumerateArray().Single(static reading => reading.GetProperty("metric").GetString() == "system.memory.limit").GetProperty("value").GetDouble();
        await using var kernel = new KernelWatch();
        Assert.Equal((limit, limit), await kernel.BetweenAsync("limit", kernel.BeginMs, kernel.BeginMs, Cancellation));
        ScriptResult list = await RunAsync("list", "--here");
        foreach (string collector in (string[])["cpu", "memory", "network", "load", "process"]) Assert.Matches($"(?m)^{collector} +(works|degraded) ", list.Output);
    }

    [Fact]
    public async Task An_arm64_agent_ships_what_Linux_says_of_the_machine_under_emulation()
    {
        SkipWithout();
        string config = Path.Combine(_directory, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", Cancellation);
        await using WeirProcess weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), new WeirUp { DataDirectory = Path.Combine(_directory, "server"), ConfigFile = config }, Cancellation);
        await using var kernel = new KernelWatch();
        await using var agent = ChildProcess.Start(Emulator, Program, "run", "--gateway", weir.Grpc.Authority, "--data", Path.Combine(_directory, "agent"));
        var shipped = new ShippedValues(weir, kernel);
        await shipped.HoldAsync("system_memory_limit_bytes", static _ => "limit", 0, Cancellation);
        await shipped.HoldAsync("system_memory_linux_available_bytes", static _ => "available", MemorySlackBytes, Cancellation);
        Assert.NotEmpty(kernel.Interfaces);
        foreach (string each in kernel.Interfaces)
            await shipped.HoldAsync($$"""system_network_io_bytes_total{network_interface_name="{{each}}"}""", static labels => $"{labels["network_interface_name"]} {labels["network_io_direction"]}", 0, Cancellation);
        Assert.Equal(0, await agent.StopAsync(TimeSpan.FromSeconds(60), Cancellation));
    }
}
