using System.Text;

namespace Weir.Agent.Services.Linux;

/// <summary>The unit <c>weir-agent.service</c>, as text. <c>deploy/systemd/weir-agent.service</c> is the one of the default settings.</summary>
/// <remarks>
/// A user that exists while the service runs (DynamicUser), no capability, a read-only system. What the collectors read stays open: <c>/proc</c> of all processes, <c>/sys</c>,
/// mount points, sockets of netlink. Private devices, a private <c>/proc</c> and protected control groups would hide what is to be measured.
/// </remarks>
internal static class SystemdUnit
{
    /// <summary>Where the program is in packages.</summary>
    public const string DefaultProgram = "/usr/bin/weir-agent";

    /// <summary>Where the configuration is.</summary>
    public const string DefaultConfig = "/etc/weir/weir-agent.yaml";

    /// <summary>The data directory that systemd makes for the service.</summary>
    public const string StateDirectory = "/var/lib/weir-agent";

    /// <summary>Where the join token is kept, for root alone.</summary>
    public const string TokenFile = "/etc/weir/join-token";

    // Where systemd shows the token to the service.
    private const string Token = $"@${{CREDENTIALS_DIRECTORY}}/{ServiceSettings.TokenFile}";

    /// <summary>Makes the unit of settings.</summary>
    /// <exception cref="ArgumentException">A path or name has a control character.</exception>
    public static string Make(ServiceSettings settings)
    {
        bool isDynamic = settings.Account is null;
        List<string> command = [settings.Program, "run", .. settings.RunArguments()];
        string token = settings.Token is null ? "" : $" --token \"{Token}\"";
        var user = new StringBuilder(isDynamic ? "DynamicUser=yes\n" : $"User={Plain(settings.Account!)}\n");
        if (settings.Data == StateDirectory) user.Append("StateDirectory=weir-agent\nStateDirectoryMode=0700\n");
        else user.Append(System.Globalization.CultureInfo.InvariantCulture, $"ReadWritePaths={Quote(settings.Data)}\n");
        if (settings.Token is not null) user.Append(System.Globalization.CultureInfo.InvariantCulture, $"LoadCredential={ServiceSettings.TokenFile}:{TokenFile}\n# In its place once it has been used and deleted: a credential that is missing would fail the start.\nSetCredential={ServiceSettings.TokenFile}:used\n");
        return $"""
            [Unit]
            Description=Weir agent: measures this host and sends it to a gateway
            Wants=network-online.target
            After=network-online.target
            # Restarts never end: a host that nobody measures is worse than one more try a minute.
            StartLimitIntervalSec=0

            [Service]
            Type=notify
            NotifyAccess=main
            ExecStart={string.Join(' ', command.Select(Quote))}{token}
            Restart=always
            RestartSec=10
            RestartPreventExitStatus=2
            TimeoutStartSec=300
            TimeoutStopSec=30
            {user.ToString().TrimEnd('\n')}
            UMask=0077
            MemoryMax=256M
            TasksMax=256
            OOMScoreAdjust=-100
            NoNewPrivileges=yes
            CapabilityBoundingSet=
            AmbientCapabilities=
            ProtectSystem=strict
            ProtectHome=read-only
            PrivateTmp=yes
            ProtectProc=default
            ProcSubset=all
            ProtectKernelModules=yes
            ProtectKernelTunables=yes
            ProtectKernelLogs=yes
            ProtectControlGroups=yes
            ProtectHostname=yes
            RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            LockPersonality=yes
            SystemCallArchitectures=native
            SystemCallFilter=@system-service adjtimex clock_adjtime
            SystemCallErrorNumber=EPERM

            [Install]
            WantedBy=multi-user.target

            """;
    }

    /// <summary>What a unit that <see cref="Make"/> wrote runs; null where it runs nothing.</summary>
    /// <param name="unit">Its text.</param>
    /// <param name="tokenFile">Where the token is that the service is shown.</param>
    public static InstalledService? TryRead(string unit, string tokenFile)
    {
        string[] lines = unit.Split('\n');
        string? ValueOf(string key) => lines.FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..];
        return ValueOf("ExecStart=") is { } command
            ? new InstalledService(ValueOf("User="), [.. Split(command).Skip(1).Select(word => word == Token ? $"@{tokenFile}" : word)])
            : null;
    }

    private static List<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool isQuoted = false, hasBegun = false;
        for (int at = 0; at < line.Length; at++)
        {
            char character = line[at];
            if (character == ' ' && !isQuoted)
            {
                if (hasBegun) words.Add(word.ToString());
                word.Clear();
                hasBegun = false;
                continue;
            }

            hasBegun = true;
            bool isEscape = at + 1 < line.Length && ((character is '%' or '$' && line[at + 1] == character) || (character == '\\' && isQuoted));
            if (character == '"') isQuoted = !isQuoted;
            else word.Append(isEscape ? line[++at] : character);
        }

        if (hasBegun) words.Add(word.ToString());
        return words;
    }

    // systemd expands % and $ and splits at spaces; within quotes a backslash escapes.
    private static string Quote(string text)
    {
        string plain = Plain(text).Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);
        bool isBare = plain.Length > 0 && plain.All(static character => char.IsAsciiLetterOrDigit(character) || "/-_.:=,+@%$[]".Contains(character, StringComparison.Ordinal));
        return isBare ? plain : $"\"{plain.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    private static string Plain(string text) => text.Any(char.IsControl) ? throw new ArgumentException($"'{text}' has a control character", nameof(text)) : text;
}
