namespace Weir.TestKit.Network;

/// <summary>What a <see cref="FaultProxy"/> does with a new connection.</summary>
public enum ProxyAccept
{
    /// <summary>Connects it to the upstream.</summary>
    Forward,

    /// <summary>Takes it and does nothing more: half-open.</summary>
    HalfOpen,

    /// <summary>Nobody listens: the connection is refused.</summary>
    Refuse,
}
