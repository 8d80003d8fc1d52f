using System.CommandLine;
using Weir.Server.Commands;

var root = new RootCommand("""
    Weir collects host metrics at one-second resolution, stores every acknowledged sample exactly once, and can prove it.

    Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration, 3 the environment does not allow it.
    """)
{
    UpCommand.Create(),
    QueryCommand.Create(),
    ConfigCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
