using System.Diagnostics;
using System.Text;

namespace Weir.Agent.Services.Linux;

/// <summary>Services of systemd: a unit file, and <c>systemctl</c> for the rest.</summary>
/// <param name="root">Where <c>/etc</c> is, <c>/</c> but in tests.</param>
/// <param name="systemctl">Runs <c>systemctl</c> with arguments; gives exit code and output.</param>
internal sealed class SystemdServices(string root, Func<IReadOnlyList<string>, (int ExitCode, string Output)> systemctl) : IServiceSystem
{
    private const string UnitFile = "/etc/systemd/system/weir-agent.service";
    private const string Unit = "weir-agent.service";
    private const int MaxOutputCharacters = 16 * 1024;
    private const int NotRunning = 3;

    /// <summary>The systemd of this host.</summary>
    public SystemdServices() : this("/", RunSystemctl)
    {
    }

    /// <inheritdoc/>
    public string DefaultConfig => SystemdUnit.DefaultConfig;

    /// <inheritdoc/>
    public string OwnAccount => ServiceSettings.Name;

    /// <inheritdoc/>
    public InstalledService? Installed() => File.Exists(Below(UnitFile)) ? SystemdUnit.TryRead(ReadUnit(Below(UnitFile)), Below(SystemdUnit.TokenFile)) : null;

    /// <inheritdoc/>
    public IReadOnlyList<ServiceChange> PlanInstall(ServiceSettings settings)
    {
        string unit = SystemdUnit.Make(settings), path = Below(UnitFile), config = Below(settings.Config), token = Below(SystemdUnit.TokenFile);
        string? former = File.Exists(path) ? ReadUnit(path) : null;
        var changes = new List<ServiceChange>();
        if (!File.Exists(config)) changes.Add(ServiceChange.Of($"file {settings.Config}: a configuration without keys, all defaults", () => Write(config, ServiceSettings.EmptyConfig, "rw-r--r--")));
        if (settings.Token is { } join) changes.Add(ServiceChange.Of($"file {SystemdUnit.TokenFile}: the join token {join}, for root alone, used at the first start", () => Write(token, join.Reveal(), "rw-------")));
        if (settings.Data != SystemdUnit.StateDirectory && settings.Account is null)
            throw new ServiceException("install", 0, $"a user that exists while the service runs can keep its data in {SystemdUnit.StateDirectory} alone: leave out --data, or name an existing user with --account who may write {settings.Data}");
        if (former != unit) changes.Add(ServiceChange.Of($"file {UnitFile}, {(former is null ? "new" : "replaced")}:\n{Indent(unit)}", () => Write(path, unit, "rw-r--r--")));
        changes.Add(ServiceChange.Of("systemctl daemon-reload", () => Systemctl("daemon-reload")));
        changes.Add(ServiceChange.Of($"systemctl enable {Unit}: started with the system", () => Systemctl("enable", Unit)));
        return changes;
    }

    /// <inheritdoc/>
    public IReadOnlyList<ServiceChange> PlanUninstall()
    {
        string path = Below(UnitFile), token = Below(SystemdUnit.TokenFile);
        if (!File.Exists(path)) return [];
        List<ServiceChange> changes =
        [
            ServiceChange.Of($"systemctl disable --now {Unit}: stopped, and not started with the system", () => Systemctl("disable", "--now", Unit)),
            ServiceChange.Of($"file {UnitFile}: deleted", () => File.Delete(path)),
            ServiceChange.Of("systemctl daemon-reload", () => Systemctl("daemon-reload")),
        ];
        if (File.Exists(token)) changes.Add(ServiceChange.Of($"file {SystemdUnit.TokenFile}: deleted", () => File.Delete(token)));
        return changes;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(() => Systemctl("start", Unit), cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(() => Systemctl("stop", Unit), cancellationToken);

    /// <inheritdoc/>
    public ServiceReport Status()
    {
        (int code, string state) = systemctl(["is-active", Unit]);
        if (!File.Exists(Below(UnitFile)) && code != 0) return new ServiceReport("not installed", false, []);
        if (code is not (0 or NotRunning)) return new ServiceReport($"unknown: {state.Trim()}", false, []);
        (_, string shown) = systemctl(["show", Unit, "--property=MainPID,ExecMainStatus,FragmentPath,NRestarts"]);
        return new ServiceReport(state.Trim() == "active" ? "running" : state.Trim(), code == 0, shown.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static (int ExitCode, string Output) RunSystemctl(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("systemctl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = ReadAsync(process.StandardError);
            string output = ReadAsync(process.StandardOutput).GetAwaiter().GetResult() + errors.GetAwaiter().GetResult();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            throw new ServiceException("systemctl", problem.NativeErrorCode, "it cannot be run: this host has no systemd; start 'weir-agent run' by what starts its services");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var kept = new StringBuilder();
        var buffer = new char[1024];
        int read;
        while ((read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            if (kept.Length < MaxOutputCharacters) kept.Append(buffer, 0, read);
        return kept.ToString();
    }

    private static string ReadUnit(string path)
    {
        using var reader = new StreamReader(path);
        var text = new char[MaxOutputCharacters];
        return new string(text, 0, reader.ReadBlock(text));
    }

    private static void Write(string path, string text, string mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A file beside it, then renamed: systemd never sees half a unit, and a token is never readable for others.
        string next = $"{path}.new";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        UnixFileMode rights = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (mode == "rw-r--r--") rights |= UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = rights;
        using (var writer = new StreamWriter(new FileStream(next, options))) writer.Write(text);
        File.Move(next, path, overwrite: true);
    }

    private static string Indent(string text) => string.Join('\n', text.TrimEnd('\n').Split('\n').Select(static line => $"      {line}"));

    private string Below(string path) => root == "/" ? path : Path.Join(root, path);

    private void Systemctl(params string[] arguments)
    {
        (int code, string output) = systemctl(arguments);
        if (code != 0) throw new ServiceException($"systemctl {string.Join(' ', arguments)}", code, output.Trim() is { Length: > 0 } said ? said : "it failed without a word");
    }
}
