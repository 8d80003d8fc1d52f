using System.CommandLine;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent config check</c>: says what is wrong in a configuration, or what it means.</summary>
internal static class ConfigCommand
{
    private static readonly Argument<string?> FileArgument = new("FILE")
    {
        Description = $"Configuration file; without it ./{ConfigLoader.DefaultFile} where it exists, else the defaults",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var check = new Command("check", "Check a configuration file and print what it means") { FileArgument };
        check.SetAction(Check);
        return new Command("config", "Work with configuration files") { check };
    }

    /// <summary>Writes what a configuration means.</summary>
    public static void Describe(AgentConfig config, TextWriter output)
    {
        output.WriteLine($"gateway         {config.Gateway}");
        output.WriteLine($"data_directory  {config.DataDirectory}");
        output.WriteLine($"spool_bytes     {config.SpoolBytes}");
        output.WriteLine($"spool_reserve   {config.SpoolReserveBytes}");
        output.WriteLine($"frame_seconds   {config.FrameSeconds}");
        foreach (CollectorInfo collector in CollectorCatalog.Under(config))
            output.WriteLine($"{collector.Name,-15} {(collector.IsEnabled(config) ? $"every {Duration.Format(collector.IntervalIn(config))}" : "off")}");
    }

    private static int Check(ParseResult arguments)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        if (ConfigLoader.TryLoad(arguments.GetValue(FileArgument), error) is not { } config) return ExitCodes.BadUsage;
        if (!ConfigLoader.IsSendingAllowed(config, error)) return ExitCodes.BadUsage;
        Describe(config, output);
        output.WriteLine("The configuration is good.");
        return ExitCodes.Ok;
    }
}
