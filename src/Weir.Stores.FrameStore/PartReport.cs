using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>A part as its manifest names it, and how it was found.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Number">Its number in the partition.</param>
/// <param name="Hour">Its event hour.</param>
/// <param name="Samples">Samples in it, superseded and excluded ones among them.</param>
/// <param name="Bytes">Bytes of its file.</param>
/// <param name="Exclusions">Ranges of it that are out of sight.</param>
/// <param name="Damage">What kept it from being opened.</param>
/// <param name="Path">Its file.</param>
public sealed record PartReport(int Partition, long Number, DateTimeOffset Hour, long Samples, long Bytes, int Exclusions, PartDamage Damage, string Path);
