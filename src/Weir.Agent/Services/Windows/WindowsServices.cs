using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Weir.Agent.Configuration;

namespace Weir.Agent.Services.Windows;

/// <summary>Services of Windows, through the service control manager.</summary>
/// <remarks>
/// The service runs as its own virtual account <c>NT SERVICE\weir-agent</c>, which has no password and no right but an ordinary user's, and is taken into the group
/// Performance Monitor Users, which may read counters. The data directory is for it, the system and administrators alone.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed class WindowsServices : IServiceSystem
{
    private const string VirtualAccount = $@"NT SERVICE\{ServiceSettings.Name}";
    private const int NotActive = 1062;
    private const int AlreadyRunning = 1056;
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WaitStep = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public string DefaultConfig => Path.Combine(AppContext.BaseDirectory, "weir-agent.yaml");

    /// <inheritdoc/>
    public string OwnAccount => VirtualAccount;

    /// <inheritdoc/>
    public InstalledService? Installed()
    {
        using ServiceHandle manager = ServiceHandle.OpenManager(ServiceNativeMethods.ManagerConnect);
        using ServiceHandle? service = ServiceHandle.TryOpen(manager, ServiceSettings.Name, ServiceNativeMethods.ServiceQuery);
        if (service is null) return null;
        (string account, string line) = ConfigurationOf(service);
        return new InstalledService(account.Equals(VirtualAccount, StringComparison.OrdinalIgnoreCase) ? null : account, WindowsCommandLine.ArgumentsOf(line));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceChange> PlanInstall(ServiceSettings settings)
    {
        string account = settings.Account ?? VirtualAccount, sid = ServiceSid.Of(ServiceSettings.Name), rights = DirectoryRights.For(sid), line = CommandLineOf(settings);
        bool isThere = Installed() is not null;
        List<ServiceChange> changes =
        [
            .. DirectoryRights.Of(settings.Data, Path.GetDirectoryName(AgentConfig.DefaultDataDirectory)!).Select(directory =>
                ServiceChange.Of($"directory {directory}: full access for SYSTEM and Administrators, changes for the service, nobody else ({rights})", () => DirectoryRights.Create(directory, rights))),
        ];
        if (!File.Exists(settings.Config)) changes.Add(ServiceChange.Of($"file {settings.Config}: a configuration without keys, all defaults", () => WriteNew(settings.Config, ServiceSettings.EmptyConfig)));
        if (settings.Token is { } token)
            changes.Add(ServiceChange.Of($"file {TokenPath(settings)}: the join token {token}, used at the first start", () => WriteAnew(TokenPath(settings), token.Reveal())));
        changes.Add(ServiceChange.Of($"service {ServiceSettings.Name}: {(isThere ? "changed to" : "new,")} start automatic, account {account}, program {line}", () => Write(account, line)));
        changes.Add(new ServiceChange($"service {ServiceSettings.Name}: start delayed behind the system's own, restart 5, 30 and 60 s after a failure, own service SID, {ServiceProcess.StopLimit.TotalSeconds:0} s at shutdown, a description", Tune));
        if (settings.Account is null)
            changes.Add(new ServiceChange($"group {LocalGroup.PerformanceMonitorUsers.Name}: member {account} ({sid}), to read performance counters", () => LocalGroup.PerformanceMonitorUsers.Add(sid)));
        return changes;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceChange> PlanUninstall()
    {
        if (Installed() is null) return [];
        string sid = ServiceSid.Of(ServiceSettings.Name);
        return
        [
            new ServiceChange($"group {LocalGroup.PerformanceMonitorUsers.Name}: member {sid} taken out", () => LocalGroup.PerformanceMonitorUsers.Remove(sid)),
            ServiceChange.Of($"service {ServiceSettings.Name}: stopped and deleted", Delete),
        ];
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using ServiceHandle service = Open(ServiceNativeMethods.ServiceStart | ServiceNativeMethods.ServiceQuery);
        if (!ServiceNativeMethods.StartServiceW(service, 0, 0) && Marshal.GetLastPInvokeError() != AlreadyRunning) throw ServiceHandle.Refusal("start the service");
        ServiceState state = await WaitAsync(service, ServiceState.StartPending, cancellationToken).ConfigureAwait(false);
        if (state != ServiceState.Running) throw new ServiceException("start the service", 0, $"it is {Word(state)} after {Details(service)[0]}; its log is in the folder 'logs' of its data directory");
    }

    /// <inheritdoc/>
    /// <remarks>Waits for the end of its process, too: until then the program cannot be replaced.</remarks>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using ServiceHandle service = Open(ServiceNativeMethods.ServiceStop | ServiceNativeMethods.ServiceQuery);
        // Before it is asked to stop: afterwards the manager does not know it any more.
        using EndingProcess? process = EndingProcess.TryOpen(Query(service).ProcessId);
        AskToStop(service);
        ServiceState state = await WaitAsync(service, ServiceState.StopPending, cancellationToken).ConfigureAwait(false);
        if (state != ServiceState.Stopped) throw new ServiceException("stop the service", 0, $"it is {Word(state)} after {WaitLimit.TotalSeconds:0} s");
        if (process is not null && !await WaitAsync(() => process.HasEnded, cancellationToken).ConfigureAwait(false))
            throw new ServiceException("stop the service", 0, $"it is stopped, but its process has not ended after {WaitLimit.TotalSeconds:0} s");
    }

    /// <inheritdoc/>
    public ServiceReport Status()
    {
        using ServiceHandle manager = ServiceHandle.OpenManager(ServiceNativeMethods.ManagerConnect);
        using ServiceHandle? service = ServiceHandle.TryOpen(manager, ServiceSettings.Name, ServiceNativeMethods.ServiceQuery);
        if (service is null) return new ServiceReport("not installed", false, []);
        ServiceState state = (ServiceState)Query(service).Status.State;
        return new ServiceReport(Word(state), state == ServiceState.Running, Details(service));
    }

    /// <summary>The command line that the manager starts.</summary>
    internal static string CommandLineOf(ServiceSettings settings)
    {
        List<string> arguments = ["run", "--service", .. settings.RunArguments()];
        if (settings.Token is not null) arguments.AddRange(["--token", $"@{TokenPath(settings)}"]);
        return WindowsCommandLine.Join(settings.Program, arguments);
    }

    private static string TokenPath(ServiceSettings settings) => Path.Combine(settings.Data, ServiceSettings.TokenFile);

    private static void WriteNew(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        file.Write(text);
    }

    private static ServiceHandle Open(uint access)
    {
        using ServiceHandle manager = ServiceHandle.OpenManager(ServiceNativeMethods.ManagerConnect);
        return ServiceHandle.TryOpen(manager, ServiceSettings.Name, access) ?? throw new ServiceException($"open the service {ServiceSettings.Name}", 0, "it is not installed: 'weir-agent service install' does that");
    }

    private static void Write(string account, string line)
    {
        using ServiceHandle manager = ServiceHandle.OpenManager(ServiceNativeMethods.ManagerConnect | ServiceNativeMethods.ManagerCreate);
        using ServiceHandle? there = ServiceHandle.TryOpen(manager, ServiceSettings.Name, ServiceNativeMethods.ServiceChange);
        if (there is null)
        {
            using ServiceHandle made = ServiceHandle.Take(
                ServiceNativeMethods.CreateServiceW(
                    manager, ServiceSettings.Name, ServiceSettings.DisplayName, ServiceNativeMethods.ServiceChange, ServiceNativeMethods.OwnProcess, ServiceNativeMethods.AutoStart, ServiceNativeMethods.ErrorNormal,
                    line, null, 0, null, account, null),
                "create the service");
        }
        else if (!ServiceNativeMethods.ChangeServiceConfigW(
            there, ServiceNativeMethods.OwnProcess, ServiceNativeMethods.AutoStart, ServiceNativeMethods.ErrorNormal, line, null, 0, null, account, null, ServiceSettings.DisplayName))
        {
            throw ServiceHandle.Refusal("change the service");
        }
    }

    private static string? Tune()
    {
        using ServiceHandle service = Open(ServiceNativeMethods.ServiceChange);
        return ServiceTuning.Apply(service);
    }

    private static void Delete()
    {
        using ServiceHandle service = Open(ServiceNativeMethods.Delete | ServiceNativeMethods.ServiceStop | ServiceNativeMethods.ServiceQuery);
        AskToStop(service);
        _ = WaitAsync(service, ServiceState.StopPending, CancellationToken.None).GetAwaiter().GetResult();
        if (!ServiceNativeMethods.DeleteService(service)) throw ServiceHandle.Refusal("delete the service");
    }

    private static unsafe void AskToStop(ServiceHandle service)
    {
        ServiceNativeMethods.ServiceStatus status;
        if (!ServiceNativeMethods.ControlService(service, 1, &status) && Marshal.GetLastPInvokeError() != NotActive) throw ServiceHandle.Refusal("stop the service");
    }

    // The manager has no event to wait for that every Windows has: it is asked, as its own console does.
    private static async Task<ServiceState> WaitAsync(ServiceHandle service, ServiceState pending, CancellationToken cancellationToken)
    {
        ServiceState state = pending;
        await WaitAsync(() => (state = (ServiceState)Query(service).Status.State) != pending, cancellationToken).ConfigureAwait(false);
        return state;
    }

    private static async Task<bool> WaitAsync(Func<bool> isDone, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        bool done;
        while (!(done = isDone()) && TimeProvider.System.GetElapsedTime(start) < WaitLimit)
            await Task.Delay(WaitStep, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        return done;
    }

    private static unsafe ServiceNativeMethods.ServiceStatusProcess Query(ServiceHandle service)
    {
        ServiceNativeMethods.ServiceStatusProcess status;
        return ServiceNativeMethods.QueryServiceStatusEx(service, 0, &status, (uint)sizeof(ServiceNativeMethods.ServiceStatusProcess), out _) ? status : throw ServiceHandle.Refusal("ask for the service's state");
    }

    private static unsafe (string Account, string Line) ConfigurationOf(ServiceHandle service)
    {
        const int MaxConfigurationBytes = 8 * 1024; // the documented limit
        byte* buffer = stackalloc byte[MaxConfigurationBytes];
        var configuration = (ServiceNativeMethods.ServiceConfiguration*)buffer;
        if (!ServiceNativeMethods.QueryServiceConfigW(service, configuration, MaxConfigurationBytes, out _)) throw ServiceHandle.Refusal("ask for the service's configuration");
        return (new string(configuration->Account), new string(configuration->Path));
    }

    private static IReadOnlyList<string> Details(ServiceHandle service)
    {
        ServiceNativeMethods.ServiceStatusProcess status = Query(service);
        (string account, string line) = ConfigurationOf(service);
        uint exitCode = status.Status.OwnExitCode != 0 ? status.Status.OwnExitCode : status.Status.ExitCode;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"exit code {exitCode}"), string.Create(CultureInfo.InvariantCulture, $"process {status.ProcessId}"),
            $"account {account}", $"program {line}",
        ];
    }

    private static string Word(ServiceState state) => state switch
    {
        ServiceState.Stopped => "stopped",
        ServiceState.StartPending => "starting",
        ServiceState.StopPending => "stopping",
        ServiceState.Running => "running",
        _ => "paused",
    };

    // A file that somebody else laid there keeps his rights: it goes, and a new one inherits those of the directory.
    private static void WriteAnew(string path, string text)
    {
        File.Delete(path);
        WriteNew(path, text);
    }
}
