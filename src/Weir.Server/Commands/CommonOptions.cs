using System.CommandLine;

namespace Weir.Server.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary><c>--data DIR</c>.</summary>
    public static Option<string?> Data(string description) => new("--data") { Description = description, HelpName = "DIR" };
}
