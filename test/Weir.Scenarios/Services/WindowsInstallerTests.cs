namespace Weir.Scenarios.Services;

/// <summary><c>install.ps1</c> in PowerShell, with a program in the agent's place that writes down what it is asked.</summary>
/// <remarks>On Linux: what Windows does with the service that the agent makes is WindowsServiceTests'.</remarks>
public sealed class WindowsInstallerTests : IDisposable
{
    private static readonly string[] Shipped = ["LICENSE", "THIRD-PARTY-NOTICES", "weir-agent.exe", "weir-agent.reference.yaml"];

    private const string Running = "[pscustomobject] @{ Status = 'Running' }";

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-installer-").FullName;

    // What Get-Service says, which is Windows' own.
    private string _service = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Archive => Path.Combine(_directory, "archive");

    private string Destination => Path.Combine(_directory, "program files", "Weir");

    private string Calls => Path.Combine(_directory, "calls");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Every_script_for_PowerShell_parses()
    {
        Assert.SkipUnless(PowerShell.IsThere, PowerShell.Missing);
        string scripts = string.Join(',', Directory.EnumerateFiles(RepositoryRoot.Combine("deploy"), "*.ps1", SearchOption.AllDirectories).Select(static file => $"'{file}'"));
        Assert.NotEmpty(scripts);
        CommandResult parsed = await PowerShell.RunAsync(
            _directory, [], ["-Command", $"foreach ($file in {scripts}) {{ $errors = $null; [void][System.Management.Automation.Language.Parser]::ParseFile($file, [ref]$null, [ref]$errors); $errors }}"], Cancellation);
        Assert.Equal((0, "", ""), (parsed.ExitCode, string.Join('\n', parsed.Output), parsed.Errors));
    }

    [Fact]
    public async Task It_copies_what_ships_and_has_the_program_install_and_start_the_service()
    {
        await PrepareAsync("");

        CommandResult installed = await InstallAsync("-Gateway a.example:7400 -Token '@/a b/token' -Config /c.yaml -Data /d -Enroll a.example:7401 -Account 'NT SERVICE\\x'");

        Assert.True(installed.ExitCode == 0, installed.Errors);
        Assert.Equal("objects: []", await File.ReadAllTextAsync(Path.Combine(Destination, "presets", "iis.yaml"), Cancellation));
        foreach (string file in Shipped) Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Archive, file), Cancellation), await File.ReadAllBytesAsync(Path.Combine(Destination, file), Cancellation));
        Assert.Equal(
            ["service|install|--yes|--gateway|a.example:7400|--token|@/a b/token|--config|/c.yaml|--data|/d|--enroll|a.example:7401|--account|NT SERVICE\\x|", "service|start|", "service|status|"],
            await File.ReadAllLinesAsync(Calls, Cancellation));
    }

    [Fact]
    public async Task An_update_stops_the_service_that_runs_before_it_replaces_the_program()
    {
        await PrepareAsync("");
        Assert.Equal(0, (await InstallAsync("")).ExitCode);
        File.Delete(Calls);
        _service = Running;
        await File.AppendAllTextAsync(Path.Combine(Archive, "LICENSE"), "newer", Cancellation);

        CommandResult updated = await InstallAsync("");

        Assert.True(updated.ExitCode == 0, updated.Errors);
        Assert.Equal(["service|stop|", "service|install|--yes|", "service|start|", "service|status|"], await File.ReadAllLinesAsync(Calls, Cancellation));
        Assert.EndsWith("newer", await File.ReadAllTextAsync(Path.Combine(Destination, "LICENSE"), Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("install", 2, "service|install|--yes|")]
    [InlineData("start", 1, "service|install|--yes|", "service|start|")]
    [InlineData("status", 1, "service|install|--yes|", "service|start|", "service|status|")]
    public async Task A_step_that_fails_ends_it_with_that_exit_code(string step, int exitCode, params string[] calls)
    {
        await PrepareAsync($"[ $2 != {step} ] || exit {exitCode}");
        Assert.Equal(exitCode, (await InstallAsync("")).ExitCode);
        Assert.Equal(calls, await File.ReadAllLinesAsync(Calls, Cancellation));
    }

    [Fact]
    public async Task A_service_that_cannot_be_stopped_is_left_as_it_is()
    {
        await PrepareAsync("[ $2 != stop ] || exit 7");
        _service = Running;

        CommandResult refused = await InstallAsync("");

        Assert.Equal(7, refused.ExitCode);
        Assert.Contains("could not be stopped (exit code 7)", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(["service|stop|"], await File.ReadAllLinesAsync(Calls, Cancellation));
        Assert.False(Directory.Exists(Destination));
    }

    [Fact]
    public async Task Where_the_service_cannot_be_installed_anew_the_one_that_ran_is_started_again()
    {
        await PrepareAsync("[ $2 != install ] || exit 2");
        _service = Running;

        CommandResult failed = await InstallAsync("");

        Assert.Equal(2, failed.ExitCode);
        Assert.Contains("its former settings", failed.Errors, StringComparison.Ordinal);
        Assert.Equal(["service|stop|", "service|install|--yes|", "service|start|"], await File.ReadAllLinesAsync(Calls, Cancellation));
    }

    [Fact]
    public async Task Where_it_cannot_copy_the_old_service_is_started_again()
    {
        await PrepareAsync("");
        _service = Running;
        File.Delete(Path.Combine(Archive, "LICENSE"));

        CommandResult failed = await InstallAsync("-CopySeconds 0");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("LICENSE", failed.Errors, StringComparison.Ordinal);
        Assert.Equal(["service|stop|", "service|start|"], await File.ReadAllLinesAsync(Calls, Cancellation));
    }

    private async Task PrepareAsync(string then)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the program in the agent's place is a script for a Linux shell");
        Assert.SkipUnless(PowerShell.IsThere, PowerShell.Missing);
        Directory.CreateDirectory(Path.Combine(Archive, "presets"));
        await File.WriteAllTextAsync(Path.Combine(Archive, "presets", "iis.yaml"), "objects: []", Cancellation);
        File.Copy(RepositoryRoot.Combine("deploy", "install.ps1"), Path.Combine(Archive, "install.ps1"));
        foreach (string file in Shipped) await File.WriteAllTextAsync(Path.Combine(Archive, file), file, Cancellation);
        string program = Path.Combine(Archive, "weir-agent.exe");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nprintf '%s|' \"$@\" >>'{Calls}'; echo >>'{Calls}'\n{then}\n", Cancellation);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<CommandResult> InstallAsync(string options) => PowerShell.RunAsync(
        _directory, [], ["-Command", $"function Get-Service {{ {_service} }}; & '{Archive}/install.ps1' -Destination '{Destination}' {options}; exit $LASTEXITCODE"], Cancellation);
}
