namespace Weir.Gateway;

/// <summary>Options of a gateway.</summary>
public sealed record GatewayOptions
{
    /// <summary>Most entry bytes one agent may have unanswered; told to it in Welcome. Default 4 MiB: a second of a 30 Mbit/s link.</summary>
    public int CreditBytes { get; init; } = 4 << 20;

    /// <summary>Most bytes of one batch. Default 1 MiB; a larger one is refused whole.</summary>
    public int MaxBatchBytes { get; init; } = 1 << 20;

    /// <summary>Most entry bytes on their way to the log over all streams. Above it batches are answered RETRY. Default 256 MiB.</summary>
    public long MaxBytesInFlight { get; init; } = 256L << 20;

    /// <summary>How long a stream may stay silent. Default 100 s: three heartbeats of 30 s and some delay. It is looked for ten times in that time.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>How long after connecting Hello must have come. Default 10 s.</summary>
    public TimeSpan HelloLimit { get; init; } = TimeSpan.FromSeconds(10);
}
