namespace Weir.Agent.Spooling;

/// <summary>Seqs of one epoch.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="StartNumber">Its start number; 0 where it does not matter.</param>
/// <param name="First">First seq.</param>
/// <param name="Last">Last seq, inclusive.</param>
internal readonly record struct EntryRange(ulong Epoch, uint StartNumber, ulong First, ulong Last)
{
    /// <summary>Whether another range names all of these entries.</summary>
    public bool IsWithin(in EntryRange other) => Epoch == other.Epoch && First >= other.First && Last <= other.Last;
}
