using System.CommandLine;
using System.CommandLine.Parsing;
using Weir.Server;
using Weir.Server.Commands;

var root = new RootCommand("""
    Weir collects host metrics at one-second resolution, stores every acknowledged sample exactly once, and can prove it.

    Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration, 3 the environment does not allow it.
    """)
{
    UpCommand.Create(),
    QueryCommand.Create(),
    ExportCommand.Create(),
    StoreCommand.Create(),
    LogCommand.Create(),
    EnrollCommand.Create(),
    AgentCommand.Create(),
    UploadCommand.Create(),
    ConfigCommand.Create(),
};
ParseResult parsed = root.Parse(args is [] ? ["--help"] : args);
// Longer than draining takes, which is bounded by itself: the default of 2 s would cut a drain off.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
if (parsed.Errors.Count == 0) return await parsed.InvokeAsync(invocation);
foreach (ParseError error in parsed.Errors) await Console.Error.WriteLineAsync($"weir: {error.Message}");
await Console.Error.WriteLineAsync($"See '{string.Join(' ', Names(parsed.CommandResult.Command))} --help'.");
return ExitCode.Usage;

static IEnumerable<string> Names(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? [.. Names(parent), command.Name] : [command.Name];
