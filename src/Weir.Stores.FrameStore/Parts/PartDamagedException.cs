namespace Weir.Stores.FrameStore.Parts;

/// <summary>A part turned out damaged while it was rewritten: it stays as it is.</summary>
internal sealed class PartDamagedException(Part part, PartDamage damage) : IOException($"{part.Path} is damaged: {damage}")
{
    /// <summary>The part.</summary>
    public Part Part => part;

    /// <summary>What is wrong with it.</summary>
    public PartDamage Damage => damage;
}
