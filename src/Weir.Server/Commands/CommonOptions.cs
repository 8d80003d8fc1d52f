using System.CommandLine;

namespace Weir.Server.Commands;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    /// <summary><c>--data DIR</c>.</summary>
    public static Option<string?> Data(string description) => new("--data") { Description = description, HelpName = "DIR" };

    /// <summary><c>--url URL</c>.</summary>
    public static Option<Uri> Url() => new("--url")
    {
        Description = "The server to ask.",
        HelpName = "URL",
        DefaultValueFactory = static _ => new Uri("http://127.0.0.1:7480"),
        CustomParser = static result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? server) && server.Scheme is "http" or "https") return server;
            result.AddError($"--url: '{result.Tokens[0].Value}' is not an http or https address");
            return null;
        },
    };

    /// <summary>One of the names of an enumeration, in lower case; the first is the default.</summary>
    public static Option<T> OneOf<T>(string name, string description)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(static each => each.ToLowerInvariant())];
        return new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', names),
            CustomParser = result =>
            {
                if (Array.IndexOf(names, result.Tokens[0].Value.ToLowerInvariant()) is var found and >= 0) return Enum.GetValues<T>()[found];
                result.AddError($"{name}: '{result.Tokens[0].Value}' is none of {string.Join(", ", names)}");
                return default;
            },
        };
    }
}
