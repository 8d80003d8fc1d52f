using Weir.Agent.Commands;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Commands;

/// <summary>The scripts in the shells that they are for.</summary>
public sealed class CompletionCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-completion-").FullName;

    /// <summary>What is typed, and the one way to complete its last word.</summary>
    public static TheoryData<string, string> Lines => new()
    {
        { "weir-agent serv", "service" },
        { "weir-agent service un", "uninstall" },
        { "weir-agent run --gate", "--gateway" },
        { "weir-agent completion ba", "bash" },
        { "weir-agent ev", "events" },
        { "weir-agent events --ch", "--channel" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IEnumerable<KeyValuePair<string, string>> Variables => [new("PATH", $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}"), new("ZDOTDIR", _folder), new("XDG_CONFIG_HOME", _folder), new("XDG_DATA_HOME", _folder)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void SkipWithout(string shell) => Assert.SkipUnless(CommandRun.IsOnPath(shell), $"{shell} is missing (Debian: apt-get install {shell})");

    // The program under its name on the PATH, and the script of a shell.
    private async Task<string> PrepareAsync(string shell)
    {
        string program = Path.Combine(_folder, "weir-agent"), script = Path.Combine(_folder, "completion");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet '{BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll")}' \"$@\"\n", Cancellation);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(script, CompletionCommand.ScriptOf(shell), Cancellation);
        return script;
    }

    private async Task<IReadOnlyList<string>> RunAsync(string program, params string[] arguments) => (await CommandRun.ToEndAsync(program, Variables, arguments, Cancellation)).Output;

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Bash_WithTheScript_Completes(string line, string completion)
    {
        SkipWithout("bash");
        string script = await PrepareAsync("bash");
        // As bash itself calls it: the words, which of them is completed, the line and the cursor in it.
        string call = $"source '{script}'; COMP_WORDS=({line}); COMP_CWORD={line.Count(' ')}; COMP_LINE='{line}'; COMP_POINT={line.Length}; _weir_agent; printf '%s\\n' \"${{COMPREPLY[@]}}\"";
        Assert.Equal([completion], await RunAsync("bash", "--norc", "-c", call));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Zsh_WithTheScript_Completes(string line, string completion)
    {
        SkipWithout("zsh");
        string script = await PrepareAsync("zsh"), result = Path.Combine(_folder, "result");
        // Its line editor wants a terminal, which zpty makes; there the line is written and completed as soon as it can be edited.
        await File.WriteAllTextAsync(
            Path.Combine(_folder, ".zshrc"),
            $$"""
            TMOUT=60 # ends what waits for somebody to type
            autoload -Uz compinit && compinit -u -D
            source '{{script}}'
            probe() { BUFFER='{{line}}'; CURSOR=$#BUFFER; zle complete-word; print -r -- "$BUFFER" >'{{result}}'; BUFFER=exit; zle accept-line }
            zle -N zle-line-init probe
            """,
            Cancellation);
        await RunAsync("zsh", "-fc", "zmodload zsh/zpty; zpty probe zsh -i; while zpty -r probe text; do :; done");
        Assert.Equal($"{line[..line.LastIndexOf(' ')]} {completion} \n", await File.ReadAllTextAsync(result, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Fish_WithTheScript_Completes(string line, string completion)
    {
        SkipWithout("fish");
        string script = await PrepareAsync("fish");
        Assert.Equal([completion], await RunAsync("fish", "--no-config", "-c", $"source '{script}'; complete -C '{line}'"));
    }

    [Fact]
    public async Task PowerShell_WithTheScript_Completes()
    {
        Assert.SkipUnless(PowerShell.IsThere, PowerShell.Missing);
        string script = await PrepareAsync("powershell");
        // All lines at once: it takes its time to start.
        string call = $"Get-Content -Raw '{script}' | Invoke-Expression; foreach ($line in {string.Join(',', Lines.Select(static row => $"'{row.Data.Item1}'"))}) {{ (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText }}";
        CommandResult completed = await PowerShell.RunAsync(_folder, Variables, ["-Command", call], Cancellation);
        Assert.Equal((0, ""), (completed.ExitCode, completed.Errors));
        Assert.Equal(Lines.Select(static row => row.Data.Item2), completed.Output);
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
