using System.CommandLine;

namespace Weir.Agent.Commands;

/// <summary>Options that several commands share.</summary>
internal static class Options
{
    /// <summary><c>--config FILE</c>.</summary>
    public static Option<string?> Config { get; } = new("--config", "-c")
    {
        Description = $"Configuration file; without it ./{ConfigLoader.DefaultFile} where it exists, else the defaults",
        HelpName = "FILE",
    };
}
