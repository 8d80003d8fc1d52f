using Weir.Contracts;

namespace Weir.Stores.FrameStore;

/// <summary>What a partition holds.</summary>
/// <param name="Number">Its number.</param>
/// <param name="LivePosition">Where the log of fresh entries begins that is not sealed.</param>
/// <param name="BackfillPosition">The same of the backlog.</param>
/// <param name="LogBytes">Bytes of log on disk.</param>
/// <param name="UnsealedBytes">Bytes of log behind these positions.</param>
/// <param name="Hosts">Hosts in the index.</param>
/// <param name="Parts">Its parts, in order of their hours.</param>
/// <param name="Missing">Entries that damage took and that have not come again.</param>
public sealed record PartitionReport(
    int Number, long LivePosition, long BackfillPosition, long LogBytes, long UnsealedBytes, int Hosts, IReadOnlyList<PartReport> Parts, IReadOnlyList<MissingEntries> Missing);
