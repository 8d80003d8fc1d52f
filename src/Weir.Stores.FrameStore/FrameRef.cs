using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>Where a frame stands, and what decides between it and another frame that covers the same time.</summary>
/// <param name="FirstMs">Time of its first tick, Unix ms.</param>
/// <param name="LastMs">Time of its last tick, Unix ms.</param>
/// <param name="Position">Position of its bytes in the log.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Ticks">Its ticks.</param>
/// <param name="LogClass">Class of the log.</param>
/// <param name="Rank">Precedence at equal times.</param>
internal readonly record struct FrameRef(long FirstMs, long LastMs, long Position, int Length, int Ticks, LogClass LogClass, FrameRank Rank);

/// <summary>The one order that decides for one (series, time): generation, start number, seq, epoch; the highest wins.</summary>
internal readonly record struct FrameRank(uint ClockGeneration, uint StartNumber, ulong Seq, ulong Epoch) : IComparable<FrameRank>
{
    /// <inheritdoc/>
    public int CompareTo(FrameRank other)
    {
        int order = ClockGeneration.CompareTo(other.ClockGeneration);
        if (order == 0) order = StartNumber.CompareTo(other.StartNumber);
        if (order == 0) order = Seq.CompareTo(other.Seq);
        return order != 0 ? order : Epoch.CompareTo(other.Epoch);
    }
}
