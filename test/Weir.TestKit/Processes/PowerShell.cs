namespace Weir.TestKit.Processes;

/// <summary>PowerShell, where it is on the PATH.</summary>
public static class PowerShell
{
    /// <summary>Why a test that needs it is skipped.</summary>
    public const string Missing = "pwsh is missing (dotnet tool install --global PowerShell --version 7.6.9)";

    /// <summary>Whether it is there.</summary>
    public static bool IsThere => CommandRun.IsOnPath("pwsh");

    /// <summary>Runs it to its end, without a profile and without questions.</summary>
    /// <param name="home">Where it keeps what it keeps.</param>
    /// <param name="variables">Variables beside those of this process.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <param name="cancellationToken">Gives up; the process is killed.</param>
    public static Task<CommandResult> RunAsync(string home, IEnumerable<KeyValuePair<string, string>> variables, IEnumerable<string> arguments, CancellationToken cancellationToken) => CommandRun.ToEndAsync(
        "pwsh",
        [
            .. ((string[])["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]).Select(kept => new KeyValuePair<string, string>(kept, home)),
            new("POWERSHELL_TELEMETRY_OPTOUT", "1"), new("POWERSHELL_UPDATECHECK", "Off"), new("NO_COLOR", "1"), .. variables,
        ],
        ["-NoProfile", "-NonInteractive", .. arguments],
        cancellationToken);
}
