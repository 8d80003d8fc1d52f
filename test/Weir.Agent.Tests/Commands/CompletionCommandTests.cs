using System.Diagnostics;
using Weir.Agent.Commands;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Commands;

public sealed class CompletionCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-completion-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("weir-agent serv", "service")]
    [InlineData("weir-agent service un", "uninstall")]
    [InlineData("weir-agent run --gate", "--gateway")]
    [InlineData("weir-agent completion ba", "bash")]
    [InlineData("weir-agent ev", "events")]
    [InlineData("weir-agent events --ch", "--channel")]
    public async Task Bash_WithTheScript_Completes(string line, string completion)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "bash is missing");
        string dll = BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll"), program = Path.Combine(_folder, "weir-agent"), script = Path.Combine(_folder, "completion.bash");
        await File.WriteAllTextAsync(program, $"#!/bin/bash\nexec dotnet '{dll}' \"$@\"\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(script, CompletionCommand.ScriptOf("bash"), TestContext.Current.CancellationToken);
        string[] words = line.Split(' ');
        words[0] = program;
        // As bash itself calls it: the words, which of them is completed, the line and the cursor in it.
        string call = $"source '{script}'; COMP_WORDS=({string.Join(' ', words)}); COMP_CWORD={words.Length - 1}; COMP_LINE='{line}'; COMP_POINT={line.Length}; _weir_agent; printf '%s\\n' \"${{COMPREPLY[@]}}\"";

        using Process bash = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", call]) { RedirectStandardOutput = true })!;
        string? first = await bash.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        string? second = await bash.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal((completion, null), (first, second));
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _weir_agent weir-agent")]
    [InlineData("zsh", "compdef _weir_agent weir-agent")]
    [InlineData("fish", "complete -c weir-agent")]
    [InlineData("powershell", "Register-ArgumentCompleter -Native")]
    public async Task Completion_Shell_PrintsItsScript(string shell, string part)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.Ok, await AgentCommandLine.RunAsync(["completion", shell], output, error));
        Assert.Contains(part, output.ToString(), StringComparison.Ordinal);
        Assert.Contains("[suggest:", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_UnknownShell_IsRefused()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["completion", "csh"], output, error));
    }
}
