using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>A part as the manifest names it.</summary>
internal sealed record PartInfo
{
    /// <summary>Its number in the partition, never used twice.</summary>
    public required long Number { get; init; }

    /// <summary>First millisecond of its event hour.</summary>
    public required long HourMs { get; init; }

    /// <summary>When it was made, Unix ms.</summary>
    public required long MadeMs { get; init; }

    /// <summary>Bytes of its file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Samples in it, superseded and excluded ones among them.</summary>
    public required long Samples { get; init; }

    /// <summary>Digest of its samples.</summary>
    public required ulong Digest { get; init; }

    /// <summary>Time of its first tick, Unix ms.</summary>
    public required long FirstMs { get; init; }

    /// <summary>Time of its last tick, Unix ms.</summary>
    public required long LastMs { get; init; }

    /// <summary>Samples that are out of sight.</summary>
    public IReadOnlyList<Exclusion> Exclusions { get; init; } = [];
}

/// <summary>Samples of a part that are out of sight although they stand in it.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Agent">Of which host.</param>
/// <param name="SeriesHash">Hash of the series (<see cref="Frames.Schema.SeriesHashes"/>); 0 for all of the host.</param>
/// <param name="FromMs">First time, Unix ms, inclusive.</param>
/// <param name="ToMs">Last time, Unix ms, inclusive.</param>
public sealed record Exclusion(string Tenant, AgentId Agent, ulong SeriesHash, long FromMs, long ToMs)
{
    /// <summary>Whether it concerns a series.</summary>
    internal bool Concerns(ulong seriesHash) => SeriesHash == 0 || SeriesHash == seriesHash;

    /// <summary>Takes its samples out of a column of a series that it concerns.</summary>
    internal void Hide(ReadOnlySpan<long> times, Span<byte> present)
    {
        for (int t = 0; t < present.Length; t++)
            if (times[t] >= FromMs && times[t] <= ToMs) present[t] = 0;
    }
}
