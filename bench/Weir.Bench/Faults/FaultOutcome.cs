namespace Weir.Bench.Faults;

/// <summary>The books of one product after one fault, in samples.</summary>
internal sealed record FaultOutcome
{
    /// <summary>The fault.</summary>
    public required QueueFault Fault { get; init; }

    /// <summary>Product and settings.</summary>
    public required string Product { get; init; }

    /// <summary>What the agent had read when it was not down.</summary>
    public required long Made { get; init; }

    /// <summary>What the store answers with, each once.</summary>
    public required long Stored { get; init; }

    /// <summary>What is not there and was named: which, how many, why.</summary>
    public required long Declared { get; init; }

    /// <summary>What the store holds beyond the first copy.</summary>
    public required long Twice { get; init; }

    /// <summary>What the store holds and nobody made; null where it was not looked for.</summary>
    public required long? Wrong { get; init; }

    /// <summary>What the product said of it.</summary>
    public required string Said { get; init; }

    /// <summary>What is not there.</summary>
    public long Lost => Made - Stored;

    /// <summary>What is not there and nobody said so.</summary>
    public long Silent => Lost - Declared;
}
