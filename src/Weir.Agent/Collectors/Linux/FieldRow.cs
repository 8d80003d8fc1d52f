namespace Weir.Agent.Collectors.Linux;

/// <summary>An instance of a template, and where its values stand.</summary>
/// <param name="Template">Its metrics.</param>
/// <param name="Instance">The values of the template's attributes.</param>
/// <param name="Keys">The value of each metric.</param>
internal sealed record FieldRow(Template Template, string[] Instance, params FieldKey[] Keys)
{
    /// <summary>What the values are multiplied by.</summary>
    public double Scale { get; init; } = 1;
}
