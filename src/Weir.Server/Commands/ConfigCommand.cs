using System.CommandLine;
using Weir.Server.Configuration;
using Weir.Server.Hosting;

namespace Weir.Server.Commands;

/// <summary><c>weir config</c>: looks at configuration without starting anything.</summary>
internal static class ConfigCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Configuration file (YAML)." };
        var check = new Command("check", "Check a configuration file and name everything that is wrong in it.") { file };
        check.SetAction(parsed => Check(parsed.GetValue(file)!));
        return new Command("config", "Work with the configuration.") { check };
    }

    private static int Check(FileInfo file)
    {
        try
        {
            ServerConfigReader.Read(new ServerArguments(file, Data: null, Http: null, Grpc: [], Insecure: false));
            System.Console.WriteLine($"{file.Name} is good");
            return ExitCode.Ok;
        }
        catch (StartupException e)
        {
            foreach (string problem in e.Problems) System.Console.Error.WriteLine(problem);
            return e.ExitCode;
        }
    }
}
