namespace Weir.Gateway.Identity;

/// <summary>How a stream stands with its certificate.</summary>
internal enum StreamTrust
{
    /// <summary>Trusted.</summary>
    Good,

    /// <summary>The certificate has expired.</summary>
    Expired,

    /// <summary>The agent is shut out.</summary>
    Revoked,
}
