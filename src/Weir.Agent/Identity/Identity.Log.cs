namespace Weir.Agent.Identity;

/// <summary>The messages of the agent's identity. Event ids are stable; retired ones are not used again.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(4401, LogLevel.Information, "Joined as an agent of tenant {Tenant}; the certificate is good for {Hours:0.#} h and renews itself")]
    public static partial void Joined(this ILogger logger, string tenant, double hours);

    [LoggerMessage(4402, LogLevel.Information, "The certificate was renewed; it is good for {Hours:0.#} h")]
    public static partial void Renewed(this ILogger logger, double hours);

    [LoggerMessage(4404, LogLevel.Information, "Agent {Agent} has a key and a certificate of its own, which names agent {From} that it was copied from; it is good for {Hours:0.#} h")]
    public static partial void Split(this ILogger logger, string agent, string from, double hours);

    [LoggerMessage(4403, LogLevel.Warning, "No certificate ({Kind}): {Reason} (time {Failures} in a row); collection goes on into the spool")]
    public static partial void NotObtained(this ILogger logger, string kind, string reason, long failures);
}
