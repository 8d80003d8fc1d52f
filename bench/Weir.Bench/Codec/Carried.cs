namespace Weir.Bench.Codec;

/// <summary>What became of samples that a format carried.</summary>
/// <param name="Bytes">Bytes of the messages.</param>
/// <param name="Differs">The first span that did not come back bit for bit; null: all did.</param>
internal readonly record struct Carried(long Bytes, TickSpan? Differs);
