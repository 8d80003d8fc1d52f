namespace Weir.Bench.Codec;

/// <summary>A baseline that was made.</summary>
/// <param name="AfterTicks">Ticks before it.</param>
/// <param name="ForTicks">Ticks until the next one is due.</param>
/// <param name="Bytes">Bytes of its entry, header included.</param>
internal sealed record BaselineCost(int AfterTicks, int ForTicks, long Bytes);
