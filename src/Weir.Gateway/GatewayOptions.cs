namespace Weir.Gateway;

/// <summary>Options of a gateway.</summary>
public sealed record GatewayOptions
{
    /// <summary>Most entry bytes one agent may have unanswered; told to it in Welcome. Default 4 MiB: a second of a 30 Mbit/s link.</summary>
    public int CreditBytes { get; init; } = 4 << 20;

    /// <summary>Most bytes of one batch. Default: the largest entry alone, 1 MiB and its length; a larger one is refused whole.</summary>
    public int MaxBatchBytes { get; init; } = Frames.FrameLimits.MaxEntryBytes + Frames.EntryRun.PrefixBytes;

    /// <summary>Most entry bytes on their way to the log over all streams. Above it batches are answered RETRY. Default 256 MiB.</summary>
    public long MaxBytesInFlight { get; init; } = 256L << 20;

    /// <summary>Most streams of one gateway. Default 50,000; beyond it agents are told to come back later.</summary>
    public int MaxStreams { get; init; } = 50_000;

    /// <summary>Bytes per second of class BACKFILL that one gateway asks for, over all its streams. Default 32 MiB: a third of what one core takes in.</summary>
    public long BackfillBytesPerSecond { get; init; } = 32L << 20;

    /// <summary>What a stream with a backlog is always granted. Default 4 KiB: ten times what 500 series at 1 s produce.</summary>
    public long MinBackfillBytesPerSecond { get; init; } = 4096;

    /// <summary>How long a stream may stay silent whose agent did not say how often it gives a sign of life. Default 100 s: three heartbeats of 30 s and some delay. It is looked for ten times in that time.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The longest silence that an agent may ask for by its heartbeat. Default 31 min: three heartbeats of ten minutes and some delay.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromMinutes(31);

    /// <summary>How old a stream gets, drawn evenly between half of it and all of it; then the agent is asked to connect again, so that connections spread over new gateways. Default 1 h.</summary>
    public TimeSpan StreamAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long an agent that was asked to go may stay. Default 30 s.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after connecting Hello must have come. Default 10 s.</summary>
    public TimeSpan HelloLimit { get; init; } = TimeSpan.FromSeconds(10);
}
