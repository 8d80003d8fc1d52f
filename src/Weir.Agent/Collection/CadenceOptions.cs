namespace Weir.Agent.Collection;

/// <summary>What is configured of how long frames gather.</summary>
/// <param name="FrameSeconds">How long a frame gathers ticks while a gateway receives them; 0 sends each tick alone, always.</param>
/// <param name="IsMetered">Whether the way to the gateway is slow or paid by the byte: frames then gather as if nobody received them.</param>
internal sealed record CadenceOptions(int FrameSeconds, bool IsMetered = false)
{
    /// <summary>How many ticks at the start of an epoch go one by one, so that a new host is seen at once (DESIGN 7). Default 10.</summary>
    public int FirstTicks { get; init; } = 10;
}
