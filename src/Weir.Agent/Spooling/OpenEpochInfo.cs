namespace Weir.Agent.Spooling;

/// <summary>An epoch of which the spool holds entries.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="StartNumber">Its start number.</param>
/// <param name="OldestUnsettled">The oldest entry that will be sent; 0 where all are settled.</param>
/// <param name="LastSeq">Its last durable entry.</param>
internal readonly record struct OpenEpochInfo(ulong Epoch, uint StartNumber, ulong OldestUnsettled, ulong LastSeq);
