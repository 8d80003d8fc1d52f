namespace Weir.Frames;

/// <summary>A template and the instances it applies to.</summary>
/// <param name="Template">What is measured.</param>
/// <param name="Instances">One array of attribute values per instance, in the order of the template's keys; an empty value means that the series has no such attribute.</param>
public sealed record SchemaPart(Template Template, IReadOnlyList<string[]> Instances)
{
    /// <summary>Series of this part: instances x metrics.</summary>
    public int SeriesCount => Instances.Count * Template.Metrics.Count;
}
