using System.Diagnostics;

namespace Weir.TestKit.Processes;

/// <summary>PowerShell, where it is on the PATH.</summary>
public static class PowerShell
{
    /// <summary>Why a test that needs it is skipped.</summary>
    public const string Missing = "pwsh is missing (dotnet tool install --global PowerShell --version 7.6.9)";

    /// <summary>Whether it is there.</summary>
    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static folder => File.Exists(Path.Combine(folder, "pwsh")));

    /// <summary>Runs it to its end, without a profile and without questions.</summary>
    /// <param name="home">Where it keeps what it keeps.</param>
    /// <param name="variables">Variables beside those of this process.</param>
    /// <param name="arguments">What it is to do.</param>
    /// <param name="cancellationToken">Gives up; the process is killed.</param>
    public static async Task<CommandResult> RunAsync(string home, IEnumerable<KeyValuePair<string, string>> variables, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("pwsh", ["-NoProfile", "-NonInteractive", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string kept in (string[])["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]) start.Environment[kept] = home;
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        start.Environment["NO_COLOR"] = "1";
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("pwsh did not start");
        var errors = new OutputTail();
        process.ErrorDataReceived += (_, line) => errors.Add(line.Data);
        process.BeginErrorReadLine();
        try
        {
            process.StandardInput.Close();
            var output = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line) output.Add(line);
            await process.WaitForExitAsync(cancellationToken);
            return new CommandResult(process.ExitCode, output, errors.ToString());
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
