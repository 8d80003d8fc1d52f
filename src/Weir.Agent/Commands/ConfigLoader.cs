using Weir.Agent.Configuration;
using Weir.Agent.Identity;

namespace Weir.Agent.Commands;

/// <summary>Finds, reads and overrides the configuration for a command; says everything that is wrong.</summary>
internal static class ConfigLoader
{
    /// <summary>The file that is used where none is named, if it exists.</summary>
    public const string DefaultFile = "weir-agent.yaml";

    /// <summary>The file that is read: the one that is named, or the default's where it exists; null: none.</summary>
    public static string? Find(string? file) => file ?? (File.Exists(DefaultFile) ? DefaultFile : null);

    /// <summary>Reads a configuration file.</summary>
    /// <param name="file">Its path; null takes <see cref="DefaultFile"/> of the working directory, or the defaults where there is none.</param>
    /// <param name="error">Receives the errors, one a line.</param>
    /// <param name="record">Receives every key with what holds; null where nobody wants to know.</param>
    /// <returns>The configuration; null where something is wrong.</returns>
    public static AgentConfig? TryLoad(string? file, TextWriter error, ConfigNode? record = null)
    {
        if (Find(file) is not { } path) return record is null ? new AgentConfig() : AgentConfigReader.TryRead(TextReader.Null, out _, record);
        IReadOnlyList<ConfigError> errors;
        try
        {
            if (AgentConfigReader.TryReadFile(path, out errors, record) is { } config) return config;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{path}: {problem.Message}");
            return null;
        }

        foreach (ConfigError found in errors) error.WriteLine($"{path}: {found}");
        return null;
    }

    /// <summary>Whether the gateway may be spoken to as configured; says why not.</summary>
    public static bool IsSendingAllowed(AgentConfig config, TextWriter error)
    {
        if (GatewayAddress.TryParseAll(config.Gateway) is not { } gateways)
        {
            error.WriteLine(new ConfigError(0, "gateway", config.Gateway, GatewayAddress.Form, "write the gateway's address and port"));
            return false;
        }

        if (config.EnrollAddress is { } address && GatewayAddress.TryParse(address) is null)
        {
            error.WriteLine(new ConfigError(0, "enroll_address", address, "HOST:PORT, as in weir.example.com:7401", "write address and port of the enrolment listener"));
            return false;
        }

        // Who joins, or has joined, speaks over TLS.
        if (config.JoinToken is not null || AgentIdentity.HasJoined(config.DataDirectory)) return true;
        if (config.Insecure || gateways.FirstOrDefault(static gateway => !gateway.IsLoopback) is not { } remote) return true;
        error.WriteLine($"gateway {remote.Host}:{remote.Port} is not on this host, and this agent has not joined it: the connection would not be encrypted, and anybody on the way could read and forge it.");
        error.WriteLine("Join with 'weir-agent enroll', or with --token. If it is acceptable as it is, say so with --insecure, or 'insecure: true' in the configuration.");
        return false;
    }
}
