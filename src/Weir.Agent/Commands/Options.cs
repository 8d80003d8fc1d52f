using System.CommandLine;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Protocol.Identity;

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

    /// <summary><c>--gateway HOST:PORT</c>.</summary>
    public static Option<string?> Gateway { get; } = new("--gateway") { Description = "Send to this gateway, whatever the configuration says; without either to 127.0.0.1:7400", HelpName = "HOST:PORT" };

    /// <summary><c>--data DIR</c>.</summary>
    public static Option<string?> Data { get; } = new("--data") { Description = "Keep agent id, key and spool here, whatever the configuration says", HelpName = "DIR" };

    /// <summary><c>--enroll HOST:PORT</c>.</summary>
    public static Option<string?> Enroll { get; } = new("--enroll")
    {
        Description = $"Join and renew the certificate here. Default: port {AgentConfig.DefaultEnrollPort} of the gateway's host",
        HelpName = "HOST:PORT",
    };

    /// <summary><c>--token T</c>.</summary>
    public static Option<TokenArgument?> Token { get; } = new("--token")
    {
        Description = "Join with this token ('weir enroll token create'); @FILE reads it from a file, where other users do not see it",
        HelpName = "TOKEN",
        CustomParser = static result =>
        {
            if (TokenArgument.TryParse(result.Tokens[0].Value) is { } token) return token;
            result.AddError($"--token: what stands there is not allowed; allowed: {JoinToken.Form}, or @FILE; copy the whole token");
            return null;
        },
    };

    /// <summary><c>--output table|json</c>.</summary>
    public static Option<OutputFormat> Output { get; } = MakeOutput(OutputFormat.Table, OutputFormat.Json);

    /// <summary>The configuration with what the command line says in place of it; null where the token's file cannot be read, which has been said.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="error">Where it is said.</param>
    /// <param name="mayLackToken">Whether an agent that has joined needs none: its file may be gone, as a used secret should be.</param>
    public static AgentConfig? TryOverride(AgentConfig config, ParseResult arguments, TextWriter error, bool mayLackToken)
    {
        config = config with
        {
            Gateway = arguments.GetValue(Gateway) ?? config.Gateway,
            DataDirectory = arguments.GetValue(Data) ?? config.DataDirectory,
            EnrollAddress = arguments.GetValue(Enroll) ?? config.EnrollAddress,
        };
        if (arguments.GetValue(Token) is not { } argument) return config;
        if (argument.TryRead(out string? problem) is { } token) return config with { JoinToken = token };
        if (mayLackToken && AgentIdentity.HasJoined(config.DataDirectory)) return config;
        error.WriteLine(problem);
        return null;
    }

    /// <summary>Makes <c>--output</c>.</summary>
    /// <param name="forms">What is allowed, the default first.</param>
    public static Option<OutputFormat> MakeOutput(params OutputFormat[] forms)
    {
        string[] words = [.. forms.Select(static form => form.ToString().ToLowerInvariant())];
        var output = new Option<OutputFormat>("--output", "-o")
        {
            Description = $"Form of the output: {string.Join(", ", words[..^1])} or {words[^1]}. Default {words[0]}",
            HelpName = string.Join('|', words),
            CustomParser = result =>
            {
                int form = Array.IndexOf(words, result.Tokens[0].Value);
                if (form >= 0) return forms[form];
                result.AddError($"--output: '{result.Tokens[0].Value}' is not allowed; allowed: {string.Join(", ", words)}");
                return forms[0];
            },
        };
        output.CompletionSources.Clear();
        output.CompletionSources.Add(words);
        return output;
    }
}
