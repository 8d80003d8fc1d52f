namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>One instance of a template for each row of an object.</summary>
/// <param name="Attributes">The attribute values that follow the row's name.</param>
/// <param name="Columns">The counter behind each metric of the template.</param>
internal sealed record PdhVariant(IReadOnlyList<string> Attributes, IReadOnlyList<PdhColumn> Columns);
