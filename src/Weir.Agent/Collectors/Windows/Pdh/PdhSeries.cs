namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>A template that is filled from an object.</summary>
/// <param name="Template">Its first attribute is the row's name, where the object has instances.</param>
/// <param name="Variants">What each row gives: a read and a write direction, say.</param>
internal sealed record PdhSeries(Template Template, IReadOnlyList<PdhVariant> Variants)
{
    /// <summary>A template that each row gives once.</summary>
    public static PdhSeries Of(Template template, params PdhColumn[] columns) => new(template, [new PdhVariant([], columns)]);
}
