using System.CommandLine;
using System.CommandLine.Parsing;

namespace Weir.Agent.Commands;

/// <summary>The command line of <c>weir-agent</c>.</summary>
internal static class AgentCommandLine
{
    private const string Description = """
        weir-agent: measures this host and sends it to a Weir gateway, exactly once.

        Examples:
          weir-agent once                                     what this host can measure, now
          weir-agent doctor                                   what works, from which source, and what would mend the rest
          weir-agent run --gateway 127.0.0.1:7400 --data DIR  measure and send until stopped
          weir-agent enroll --gateway HOST:7400 --token TOKEN  join a gateway on another host, over TLS
          weir-agent run --config /etc/weir/weir-agent.yaml   the same, as configured
          weir-agent upload FILE --data DIR                   bring a file to the server, resumable
          weir-agent diagnostics --upload --data DIR          a bundle for whoever helps from afar
          weir-agent events --last 50                         the newest records of the event log or the journal
          weir-agent spool inspect --data DIR                 what an agent holds, and what of it is acked
          weir-agent config check weir-agent.yaml             everything that is wrong in a file, at once
          weir-agent completion bash                          what makes a shell complete its commands
          weir-agent service install --token @FILE            as a service that starts with the system; shows its changes first

        Exit codes: 0 done, 1 failed while running, 2 wrong command line or configuration,
        3 data directory in use, 4 data directory not usable.
        """;

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Where results go.</param>
    /// <param name="error">Where complaints go.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        var root = new RootCommand(Description)
        {
            RunCommand.Create(), EnrollCommand.Create(), OnceCommand.Create(), ListCommand.Create(), DoctorCommand.Create(), RecordCommand.Create(), ReplayCommand.Create(), SpoolCommand.Create(),
            UploadCommand.Create(), EventsCommand.Create(), DiagnosticsCommand.Create(), ConfigCommand.Create(), ServiceCommand.Create(), CompletionCommand.Create(),
        };
        ParseResult parsed = Parse(root, arguments);
        // What a shell wants completed is not a whole command line.
        if (parsed.Errors.Count > 0 && !CompletionCommand.IsSuggestion(arguments))
        {
            foreach (ParseError problem in parsed.Errors) error.WriteLine(problem.Message);
            error.WriteLine("See weir-agent --help.");
            return ExitCodes.BadUsage;
        }

        var invocation = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) };
        try
        {
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            error.WriteLine($"weir-agent failed: {problem.Message}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>Parses a command line. <c>@FILE</c> stays as it is: what reads a file reads it itself, and says what is wrong with it.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> arguments) => root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
}
