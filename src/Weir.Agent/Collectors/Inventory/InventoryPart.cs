namespace Weir.Agent.Collectors.Inventory;

/// <summary>One kind of thing that a host has.</summary>
/// <param name="Template">Its only metric, with its attributes.</param>
/// <param name="Instances">The things, by their attributes.</param>
/// <param name="Values">A value for each.</param>
internal sealed record InventoryPart(Template Template, IReadOnlyList<string[]> Instances, IReadOnlyList<double> Values)
{
    /// <summary>Things that are only named: each is 1.</summary>
    public static InventoryPart Of(Template template, params IReadOnlyList<string[]> instances) => new(template, instances, [.. instances.Select(static _ => 1.0)]);

    /// <summary>A number of the whole host.</summary>
    public static InventoryPart Of(Template template, double value) => new(template, [[]], [value]);

    /// <summary>Whether it is of the same things, so that their series stay.</summary>
    public bool IsOfTheSameAs(InventoryPart other) =>
        ReferenceEquals(Template, other.Template) && Instances.Count == other.Instances.Count && Instances.Zip(other.Instances).All(static pair => pair.First.SequenceEqual(pair.Second));
}
