using System.Diagnostics;

namespace Weir.TestKit.Processes;

/// <summary>Runs a program to its end.</summary>
public static class CommandRun
{
    /// <summary>Whether a program is on the PATH.</summary>
    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs it with nothing to read.</summary>
    /// <param name="program">The program.</param>
    /// <param name="variables">Variables beside those of this process.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Gives up; the process and those that it started are killed.</param>
    public static async Task<CommandResult> ToEndAsync(string program, IEnumerable<KeyValuePair<string, string>> variables, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        process.StandardInput.Close();
        return await ToEndAsync(process, cancellationToken);
    }

    /// <summary>Waits for the end of a process whose output and errors are redirected, and keeps what it writes.</summary>
    /// <param name="process">The process.</param>
    /// <param name="cancellationToken">Gives up; the process and those that it started are killed.</param>
    internal static async Task<CommandResult> ToEndAsync(Process process, CancellationToken cancellationToken)
    {
        var errors = new OutputTail();
        process.ErrorDataReceived += (_, line) => errors.Add(line.Data);
        process.BeginErrorReadLine();
        try
        {
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
