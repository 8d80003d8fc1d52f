using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Something that is damaged.</summary>
/// <param name="Part">In which part.</param>
/// <param name="Host">Of which agent; null for the part as a whole.</param>
/// <param name="Damage">What.</param>
public sealed record DamageReport(PartReport Part, string? Host, PartDamage Damage);
