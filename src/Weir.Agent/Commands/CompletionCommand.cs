using System.CommandLine;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent completion</c>: prints what makes a shell complete commands and options.</summary>
/// <remarks>The scripts ask the program itself, by the directive <c>[suggest:POSITION]</c> before the command line: they need no change when commands do.</remarks>
internal static class CompletionCommand
{
    private const string Bash = """
        # weir-agent completion for bash. For all users: weir-agent completion bash > /etc/bash_completion.d/weir-agent
        _weir_agent() {
          local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT}
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _weir_agent weir-agent
        """;

    private const string Zsh = """
        #compdef weir-agent
        # weir-agent completion for zsh. In ~/.zshrc: source <(weir-agent completion zsh)
        _weir_agent() {
          local line="${words[1,CURRENT]}"
          local -a found
          found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
          compadd -- $found
          _files
        }
        compdef _weir_agent weir-agent
        """;

    private const string Fish = """
        # weir-agent completion for fish. weir-agent completion fish > ~/.config/fish/completions/weir-agent.fish
        function __weir_agent
            set -l line (commandline -cp)
            weir-agent "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c weir-agent -a '(__weir_agent)'
        """;

    private const string PowerShell = """
        # weir-agent completion for PowerShell. In $PROFILE: weir-agent completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName weir-agent, weir-agent.exe -ScriptBlock {
            param($word, $ast, $position)
            # The text ends before the blank behind which something new begins.
            $line = $ast.ToString().PadRight($position - $ast.Extent.StartOffset)
            & $ast.CommandElements[0].Value "[suggest:$($line.Length)]" $line 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    private static readonly Argument<string> Shell = new("SHELL") { Description = "bash, zsh, fish or powershell" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "powershell");
        var command = new Command("completion", "Print the script that makes a shell complete commands and options, with a comment that says where it goes") { Shell };
        command.SetAction(static arguments => arguments.InvocationConfiguration.Output.WriteLine(ScriptOf(arguments.GetRequiredValue(Shell))));
        return command;
    }

    /// <summary>Whether a command line is a script's question.</summary>
    public static bool IsSuggestion(IReadOnlyList<string> arguments) => arguments.Count > 0 && arguments[0].StartsWith("[suggest", StringComparison.Ordinal);

    /// <summary>The script of a shell.</summary>
    internal static string ScriptOf(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        "powershell" => PowerShell,
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, "no such shell"),
    };
}
