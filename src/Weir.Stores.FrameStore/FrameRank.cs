namespace Weir.Stores.FrameStore;

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
