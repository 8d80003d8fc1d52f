namespace Weir.TestKit.Network;

/// <summary>What a <see cref="FaultProxy"/> does to one direction of its connections. The default harms nothing.</summary>
public sealed record Toxic
{
    /// <summary>Forwards as fast as it can.</summary>
    public static Toxic None { get; } = new();

    /// <summary>How much later every byte arrives; what is on its way is kept, up to 1 MiB a connection.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Up to this is added to the latency of each read, evenly drawn; the order stays.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Bytes per second and connection; 0: no limit.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>Most bytes of one write, each sent at once; 0: whole reads.</summary>
    public int SliceBytes { get; init; }

    /// <summary>Reads and forwards nothing, and keeps the connection: what is sent meanwhile is lost to it, and its order is broken when it ends.</summary>
    public bool Swallow { get; init; }

    /// <summary>Stops forwarding and keeps the connection: the sender meets a full window, nothing is lost.</summary>
    public bool Stall { get; init; }

    /// <summary>Flips a bit of every so many bytes; 0: of none.</summary>
    public int FlipEveryBytes { get; init; }

    /// <summary>How long the end of this direction is kept from the receiver.</summary>
    public TimeSpan CloseDelay { get; init; }
}
