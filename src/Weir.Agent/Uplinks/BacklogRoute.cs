namespace Weir.Agent.Uplinks;

/// <summary>Which way the backlog goes: by the stream, or as chunks beside it, never both; and where to and how fast. Thread-safe.</summary>
internal sealed class BacklogRoute
{
    private volatile Destination? _to;
    private volatile bool _isTaken;

    /// <summary>The gateway that has welcomed the agent, and what it grants; null without a connection.</summary>
    public Destination? To => _to;

    /// <summary>Whether the backlog goes as chunks: the stream then leaves it alone.</summary>
    public bool IsTaken
    {
        get => _isTaken;
        set => _isTaken = value;
    }

    /// <summary>A gateway takes the backlog at a rate; 0 is no limit.</summary>
    public void Open(Uri gateway, ulong bytesPerSecond) => _to = new Destination(gateway, bytesPerSecond);

    /// <summary>The connection is over.</summary>
    public void Close() => _to = null;

    /// <summary>A gateway and the bytes per second that it grants.</summary>
    internal sealed record Destination(Uri Gateway, ulong BytesPerSecond);
}
