using System.CommandLine;
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
    ConfigCommand.Create(),
};
ParseResult parsed = root.Parse(args);
int code = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
