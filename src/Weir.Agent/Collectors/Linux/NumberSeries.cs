namespace Weir.Agent.Collectors.Linux;

/// <summary>A series whose value is the number in a file.</summary>
/// <param name="Template">Its template, of one metric.</param>
/// <param name="Instance">The values of the template's attributes.</param>
/// <param name="Path">The file.</param>
/// <param name="Scale">What the number is multiplied by.</param>
/// <param name="IsLeading">Whether text follows the number.</param>
internal sealed record NumberSeries(Template Template, string[] Instance, string Path, double Scale = 1, bool IsLeading = false)
{
    /// <inheritdoc/>
    public bool Equals(NumberSeries? other) => other is not null && other.Template == Template && other.Path == Path && other.Instance.AsSpan().SequenceEqual(Instance);

    /// <inheritdoc/>
    public override int GetHashCode() => Path.GetHashCode(StringComparison.Ordinal);
}
