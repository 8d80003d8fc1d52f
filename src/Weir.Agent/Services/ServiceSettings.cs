using Weir.Protocol.Identity;

namespace Weir.Agent.Services;

/// <summary>What a service is installed with.</summary>
/// <param name="Program">Absolute path of the agent's program.</param>
/// <param name="Config">Absolute path of its configuration; made where it does not exist.</param>
/// <param name="Data">Absolute path of its data directory.</param>
/// <param name="Account">The account that it runs as; null: the system's own unprivileged one for this service.</param>
/// <param name="Gateway">The gateway in place of the configuration's; null leaves it to the configuration.</param>
/// <param name="Enroll">Where it joins; null leaves it to the configuration.</param>
/// <param name="Insecure">Whether a gateway on another host is spoken to without encryption.</param>
/// <param name="Token">What it joins with at its first start; null: it has joined, or the configuration has one. Never shown.</param>
internal sealed record ServiceSettings(string Program, string Config, string Data, string? Account, string? Gateway, string? Enroll, bool Insecure, JoinToken? Token)
{
    /// <summary>The service's name on every system.</summary>
    public const string Name = "weir-agent";

    /// <summary>Its name for people.</summary>
    public const string DisplayName = "Weir agent";

    /// <summary>What it does, for people.</summary>
    public const string Description = "Measures this host and sends it to a Weir gateway.";

    /// <summary>Name of the file that holds the token where the service reads it.</summary>
    public const string TokenFile = "join-token";

    /// <summary>What a configuration begins with where there was none.</summary>
    public const string EmptyConfig = "# The configuration of weir-agent. Without a key its default holds: 'weir-agent config print' shows all of them.\n";

    /// <summary>The arguments behind <c>run</c>, but for the token's.</summary>
    public IReadOnlyList<string> RunArguments()
    {
        List<string> arguments = ["--config", Config, "--data", Data];
        if (Gateway is not null) arguments.AddRange(["--gateway", Gateway]);
        if (Enroll is not null) arguments.AddRange(["--enroll", Enroll]);
        if (Insecure) arguments.Add("--insecure");
        return arguments;
    }
}
