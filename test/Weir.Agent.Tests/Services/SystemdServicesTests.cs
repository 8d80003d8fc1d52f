using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Weir.Agent.Services;
using Weir.Agent.Services.Linux;
using Weir.Protocol.Identity;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Services;

public sealed class SystemdServicesTests : IDisposable
{
    private static readonly ServiceSettings Defaults = new(SystemdUnit.DefaultProgram, SystemdUnit.DefaultConfig, SystemdUnit.StateDirectory, null, null, null, false, null);

    private readonly string _root = Directory.CreateTempSubdirectory("weir-systemd-").FullName;
    private readonly List<string> _calls = [];
    private (int ExitCode, string Output) _answer = (0, "");

    private string UnitPath => Path.Combine(_root, "etc/systemd/system/weir-agent.service");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Make_OfTheDefaults_IsTheShippedUnit()
    {
        string path = RepositoryRoot.Combine("deploy", "systemd", "weir-agent.service");
        if (Environment.GetEnvironmentVariable("WEIR_WRITE_DOCS") == "1") File.WriteAllText(path, SystemdUnit.Make(Defaults));
        Assert.Equal(SystemdUnit.Make(Defaults), File.ReadAllText(path));
    }

    [Fact]
    public async Task The_shipped_unit_is_good_and_hardened_in_systemds_own_judgement()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is missing (Debian: apt-get install systemd)");
        // The program is not installed here: another one that is stands in for it, and nothing else of the text changes.
        string unit = Path.Combine(_root, "weir-agent.service");
        await File.WriteAllTextAsync(unit, SystemdUnit.Make(Defaults with { Program = "/bin/true", Token = JoinToken.Draw(new byte[32]) }), TestContext.Current.CancellationToken);
        (int verified, string complaints) = await AnalyzeAsync("verify", "--man=no", unit);
        Assert.True(verified == 0 && complaints.Length == 0, complaints);
        (int judged, string exposure) = await AnalyzeAsync("security", "--offline=yes", "--threshold=30", "--no-pager", unit);
        Assert.True(judged == 0, exposure);
        Assert.Contains("Overall exposure level", exposure, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_OddPathsAndNames_AreQuotedAndNothingIsExpanded()
    {
        string unit = SystemdUnit.Make(Defaults with { Program = "/opt/a b/weir-agent", Config = "/etc/50%/$HOME \"x\".yaml", Gateway = "a:1 b:2", Insecure = true });
        Assert.Contains("ExecStart=\"/opt/a b/weir-agent\" run --config \"/etc/50%%/$$HOME \\\"x\\\".yaml\" --data /var/lib/weir-agent --gateway \"a:1 b:2\" --insecure\n", unit, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(static () => SystemdUnit.Make(Defaults with { Config = "/etc/a\nExecStartPre=/bin/sh" }));
    }

    [Fact]
    public void Make_WithAccountAndData_NamesBothInPlaceOfTheDynamicUser()
    {
        string unit = SystemdUnit.Make(Defaults with { Account = "weir", Data = "/srv/weir" });
        Assert.Contains("User=weir\nReadWritePaths=/srv/weir\n", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("DynamicUser", unit, StringComparison.Ordinal);
    }

    [Fact]
    public void Install_WithToken_WritesUnitConfigAndATokenForRootAlone()
    {
        JoinToken token = JoinToken.Draw(new byte[32]);
        IReadOnlyList<ServiceChange> changes = Services().PlanInstall(Defaults with { Token = token });
        Assert.False(File.Exists(UnitPath));
        Assert.All(changes, change => Assert.DoesNotContain(token.Reveal(), change.What, StringComparison.Ordinal));
        foreach (ServiceChange change in changes) change.Apply();
        string file = Path.Combine(_root, "etc/weir/join-token");
        Assert.Equal(token.Reveal(), File.ReadAllText(file));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("--token \"@${CREDENTIALS_DIRECTORY}/join-token\"\n", File.ReadAllText(UnitPath), StringComparison.Ordinal);
        Assert.Contains("LoadCredential=join-token:/etc/weir/join-token\n# In its place once it has been used and deleted: a credential that is missing would fail the start.\nSetCredential=join-token:used\n", File.ReadAllText(UnitPath), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_root, "etc/weir/weir-agent.yaml")));
        Assert.Equal(["daemon-reload", "enable weir-agent.service"], _calls);
    }

    [Fact]
    public void Install_Again_KeepsConfigurationAndRewritesNothingThatIsTheSame()
    {
        foreach (ServiceChange change in Services().PlanInstall(Defaults)) change.Apply();
        File.WriteAllText(Path.Combine(_root, "etc/weir/weir-agent.yaml"), "interval: 2s\n");
        string[] again = [.. Services().PlanInstall(Defaults).Select(static change => change.What)];
        Assert.DoesNotContain(again, static what => what.StartsWith("file ", StringComparison.Ordinal));
    }

    [Fact]
    public void Installed_IsWhatWasWritten()
    {
        Assert.Null(Services().Installed());
        ServiceSettings settings = Defaults with { Config = "/etc/50%/$HOME \"x\" \\y.yaml", Gateway = "a:1 b:2", Insecure = true, Account = "weir", Data = "/srv/we ir", Token = JoinToken.Draw(new byte[32]) };
        foreach (ServiceChange change in Services().PlanInstall(settings)) change.Apply();
        InstalledService installed = Services().Installed()!;
        Assert.Equal("weir", installed.Account);
        Assert.Equal(["run", .. settings.RunArguments(), "--token", $"@{Path.Combine(_root, "etc/weir/join-token")}"], installed.Arguments);
        foreach (ServiceChange change in Services().PlanInstall(Defaults)) change.Apply();
        Assert.Null(Services().Installed()!.Account);
    }

    [Fact]
    public void Install_DataElsewhereForTheDynamicUser_IsRefusedWithTheCure()
    {
        ServiceException refusal = Assert.Throws<ServiceException>(() => Services().PlanInstall(Defaults with { Data = "/srv/weir" }));
        Assert.Contains("--account", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Uninstall_RemovesTheUnitAndTheTokenAndNothingElse()
    {
        foreach (ServiceChange change in Services().PlanInstall(Defaults with { Token = JoinToken.Draw(new byte[32]) })) change.Apply();
        _calls.Clear();
        foreach (ServiceChange change in Services().PlanUninstall()) change.Apply();
        Assert.Equal(["disable --now weir-agent.service", "daemon-reload"], _calls);
        Assert.False(File.Exists(UnitPath));
        Assert.False(File.Exists(Path.Combine(_root, "etc/weir/join-token")));
        Assert.True(File.Exists(Path.Combine(_root, "etc/weir/weir-agent.yaml")));
        Assert.Empty(Services().PlanUninstall());
    }

    [Fact]
    public async Task Start_SystemctlFails_SaysWhatItSaid()
    {
        _answer = (1, "Job for weir-agent.service failed\n");
        ServiceException refusal = await Assert.ThrowsAsync<ServiceException>(() => Services().StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("systemctl start weir-agent.service: Job for weir-agent.service failed", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "active\n", "running", true)]
    [InlineData(3, "inactive\n", "inactive", false)]
    [InlineData(3, "failed\n", "failed", false)]
    [InlineData(1, "no bus\n", "unknown: no bus", false)]
    public void Status_Installed_IsSystemdsWord(int code, string said, string state, bool isRunning)
    {
        foreach (ServiceChange change in Services().PlanInstall(Defaults)) change.Apply();
        _answer = (code, said);
        ServiceReport report = Services().Status();
        Assert.Equal((state, isRunning), (report.State, report.IsRunning));
    }

    [Fact]
    public void Status_WithoutAUnit_IsNotInstalled()
    {
        _answer = (3, "inactive\n");
        Assert.Equal("not installed", Services().Status().State);
    }

    [Fact]
    public void Notifier_ReadyAndStopping_ReachTheSocket()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "systemd's socket is one of Linux");
        string path = Path.Combine(_root, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        var notifier = new SystemdNotifier(path);
        notifier.Ready();
        notifier.Stopping();
        var buffer = new byte[256];
        Assert.StartsWith("READY=1\n", Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)), StringComparison.Ordinal);
        Assert.StartsWith("STOPPING=1\n", Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/notify")]
    public void Notifier_WithoutAListener_IsSilent(string? socket) => Assert.Null(Record.Exception(new SystemdNotifier(socket).Ready));

    private static async Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = ReadAsync(process.StandardOutput), errors = ReadAsync(process.StandardError);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line) text.Append(line).Append('\n');
        return text.ToString();
    }

    private SystemdServices Services() => new(_root, arguments =>
    {
        _calls.Add(string.Join(' ', arguments));
        return _answer;
    });
}
