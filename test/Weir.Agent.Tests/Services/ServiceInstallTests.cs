using Weir.Agent.Commands;
using Weir.Agent.Services;
using Weir.Agent.Services.Windows;
using Weir.Protocol.Identity;

namespace Weir.Agent.Tests.Services;

/// <summary>An installation over one that is there.</summary>
public sealed class ServiceInstallTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-install-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly FakeServices _services;

    public ServiceInstallTests() => _services = new FakeServices(Path.Combine(_directory, "default.yaml"));

    private string TokenPath => Path.Combine(_directory, "join-token");

    public void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Install_Again_KeepsWhatIsNotGiven()
    {
        string config = Path.Combine(_directory, "own.yaml"), data = Path.Combine(_directory, "da ta");
        _services.Has = Installed(@"DOMAIN\gmsa$", "--config", config, "--data", data, "--gateway", "a.example:7400", "--enroll", "a.example:7401", "--insecure");
        Assert.Equal(ExitCodes.Ok, Install("--gateway", "b.example:7400"));
        Assert.Equal(
            (config, data, @"DOMAIN\gmsa$", "b.example:7400", "a.example:7401", true),
            (_services.Planned!.Config, _services.Planned.Data, _services.Planned.Account, _services.Planned.Gateway, _services.Planned.Enroll, _services.Planned.Insecure));
        Assert.Contains($@"Kept of the installed service: --config {config} --data {data} --account DOMAIN\gmsa$ --enroll a.example:7401 --insecure", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Install_Again_EveryOptionGiven_KeepsNothing()
    {
        _services.Has = Installed("one", "--config", "/a.yaml", "--data", "/a", "--gateway", "a.example:7400");
        Assert.Equal(ExitCodes.Ok, Install("--config", Path.Combine(_directory, "b.yaml"), "--data", _directory + Path.DirectorySeparatorChar, "--gateway", "127.0.0.1:7400", "--account", "two"));
        Assert.Equal(("two", "127.0.0.1:7400", _directory), (_services.Planned!.Account, _services.Planned.Gateway, _services.Planned.Data));
        Assert.DoesNotContain("Kept", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Install_Again_KeepsTheTokenAsLongAsItsFileIsThere()
    {
        JoinToken token = JoinToken.Draw(new byte[32]);
        File.WriteAllText(TokenPath, token.Reveal() + "\n");
        _services.Has = Installed(null, "--data", _directory, "--gateway", "a.example:7400", "--token", $"@{TokenPath}");
        Assert.Equal(ExitCodes.Ok, Install());
        Assert.Equal(token.Reveal(), _services.Planned!.Token?.Reveal());
        Assert.Contains($"--token @{TokenPath}", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Reveal(), _output.ToString(), StringComparison.Ordinal);

        // Neither a token nor a certificate: the gateway on another host is refused, as at a first installation.
        File.Delete(TokenPath);
        Assert.Equal(ExitCodes.BadUsage, Install());
        Assert.Contains("has not joined", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Install_TokenFileThatIsNotThere_IsSaid()
    {
        Assert.Equal(ExitCodes.BadUsage, Install("--token", $"@{TokenPath}"));
        Assert.Contains($"--token: {TokenPath} cannot be read", _error.ToString(), StringComparison.Ordinal);
        Assert.Null(_services.Planned);
    }

    [Fact]
    public void Install_OverACommandLineOfAnotherVersion_IsRefusedRatherThanForgetIt()
    {
        _services.Has = Installed(null, "--gateway", "a.example:7400", "--of-a-later-version");
        Assert.Equal(ExitCodes.BadUsage, Install());
        Assert.Null(_services.Planned);
        Assert.Contains("--of-a-later-version", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "The service still runs as before: weir-agent service stop, then weir-agent service start")]
    [InlineData(false, "Start it: weir-agent service start")]
    public void Install_SaysWhatItTakesToRunWithIt(bool isRunning, string said)
    {
        _services.IsRunning = isRunning;
        Assert.Equal(ExitCodes.Ok, Install());
        Assert.Contains(said, _output.ToString(), StringComparison.Ordinal);
    }

    private static InstalledService Installed(string? account, params string[] arguments) =>
        new(account, WindowsCommandLine.ArgumentsOf(WindowsCommandLine.Join(@"C:\Program Files\Weir\weir-agent.exe", ["run", "--service", .. arguments])));

    private int Install(params string[] arguments)
    {
        System.CommandLine.ParseResult parsed = AgentCommandLine.Parse(new System.CommandLine.RootCommand { ServiceCommand.Create() }, ["service", "install", "--yes", .. arguments]);
        Assert.Empty(parsed.Errors);
        parsed.InvocationConfiguration.Output = _output;
        parsed.InvocationConfiguration.Error = _error;
        return ServiceCommand.Install(parsed, _services);
    }

    private sealed class FakeServices(string config) : IServiceSystem
    {
        public InstalledService? Has { get; set; }

        public bool IsRunning { get; set; }

        public ServiceSettings? Planned { get; private set; }

        public string DefaultConfig => config;

        public string OwnAccount => "own";

        public InstalledService? Installed() => Has;

        public IReadOnlyList<ServiceChange> PlanInstall(ServiceSettings settings)
        {
            Planned = settings;
            return [ServiceChange.Of("nothing", static () => { })];
        }

        public IReadOnlyList<ServiceChange> PlanUninstall() => [];

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ServiceReport Status() => new(IsRunning ? "running" : "stopped", IsRunning, []);
    }
}
