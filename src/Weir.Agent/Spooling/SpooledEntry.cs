namespace Weir.Agent.Spooling;

/// <summary>One entry as it stands in the spool.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="StartNumber">The epoch's start number.</param>
/// <param name="Header">Its header.</param>
/// <param name="Position">Position of its bytes.</param>
/// <param name="Length">How many bytes.</param>
internal sealed record SpooledEntry(ulong Epoch, uint StartNumber, EntryHeader Header, long Position, int Length);
