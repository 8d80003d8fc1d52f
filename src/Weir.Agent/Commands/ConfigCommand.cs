using System.CommandLine;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent config</c>: says what is wrong in a configuration, what holds, and what may stand in one.</summary>
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
        var print = new Command("print", "Print the whole configuration in effect as YAML that reads back as the same; secrets are not shown") { FileArgument };
        print.SetAction(Print);
        var schema = new Command("schema", "Print the JSON Schema of the configuration file, for editors");
        schema.SetAction(static arguments => arguments.InvocationConfiguration.Output.WriteLine(ConfigSchema.Make()));
        return new Command("config", "Work with configuration files") { check, print, schema };
    }

    /// <summary>Writes what a configuration means.</summary>
    public static void Describe(AgentConfig config, TextWriter output)
    {
        List<string[]> rows =
        [
            ["gateway", config.Gateway],
            ["data_directory", config.DataDirectory],
            ["spool_bytes", $"{config.SpoolBytes}"],
            ["spool_reserve", $"{config.SpoolReserveBytes}"],
            ["frame_seconds", $"{config.FrameSeconds}"],
        ];
        rows.AddRange(CollectorCatalog.Under(config).Select(collector => (string[])
            [collector.Name, collector.Sources.Count == 0 ? "not on this system" : collector.IsEnabled(config) ? $"every {Duration.Format(collector.IntervalIn(config))}" : "off"]));
        TextTable.Write(output, rows);
    }

    /// <summary>The whole configuration in effect as YAML.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="read">What its reading recorded; takes the collectors' intervals in effect.</param>
    /// <param name="hidden">Receives the keys that are secrets.</param>
    public static string Print(AgentConfig config, ConfigNode read, List<string> hidden)
    {
        foreach (CollectorInfo collector in CollectorCatalog.All)
        {
            ConfigNode section = read["collectors"][collector.Name];
            section["enabled"].Value = ConfigNode.Write(collector.IsEnabled(config));
            section["interval"].Value ??= ConfigNode.Write(collector.IntervalIn(config));
        }

        return ConfigYaml.Write(read, hidden);
    }

    private static int Print(ParseResult arguments)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        var read = new ConfigNode("", ConfigKind.Section);
        if (ConfigLoader.TryLoad(arguments.GetValue(FileArgument), error, read) is not { } config) return ExitCodes.BadUsage;
        List<string> hidden = [];
        output.Write(Print(config, read, hidden));
        foreach (string key in hidden) error.WriteLine($"{key}: is set, a secret, and left out");
        return ExitCodes.Ok;
    }

    private static int Check(ParseResult arguments)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        if (ConfigLoader.TryLoad(arguments.GetValue(FileArgument), error) is not { } config) return ExitCodes.BadUsage;
        if (!ConfigLoader.IsSendingAllowed(config, error)) return ExitCodes.BadUsage;
        Describe(config, output);
        foreach (string note in ConfigNotes.Of(config)) error.WriteLine($"note: {note}");
        output.WriteLine("The configuration is good.");
        return ExitCodes.Ok;
    }
}
