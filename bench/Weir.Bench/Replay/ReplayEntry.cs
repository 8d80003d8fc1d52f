using Weir.Frames;

namespace Weir.Bench.Replay;

/// <summary>One entry of a host, encoded.</summary>
/// <param name="Seq">Its number in the epoch.</param>
/// <param name="Kind">What it carries.</param>
/// <param name="Samples">Samples of a frame; 0 for other kinds.</param>
/// <param name="DueTick">The tick after which it can leave; -1 for what stands before all ticks.</param>
/// <param name="Bytes">The entry; nobody changes them.</param>
internal readonly record struct ReplayEntry(ulong Seq, EntryKind Kind, int Samples, int DueTick, ReadOnlyMemory<byte> Bytes);
