using System.Globalization;
using Weir.Contracts;

namespace Weir.Server.Exporting;

/// <summary>What to export, and where to.</summary>
internal sealed record ExportRequest
{
    /// <summary>Whose samples.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>Where the files go.</summary>
    public required string Directory { get; init; }

    /// <summary>Conditions that all must hold; none means every series.</summary>
    public IReadOnlyList<LabelMatcher> Matchers { get; init; } = [];

    /// <summary>A time in the first hour, Unix ms; null from the oldest sample.</summary>
    public long? FromMs { get; init; }

    /// <summary>A time in the last hour, Unix ms; null up to the newest sample.</summary>
    public long? ToMs { get; init; }

    /// <summary>The conditions in one spelling: two requests that select the same have the same text.</summary>
    public string SelectorText => string.Join(',', Matchers
        .Select(static matcher => string.Create(CultureInfo.InvariantCulture, $"{matcher.Name}{Sign(matcher.Operator)}{System.Text.Json.JsonSerializer.Serialize(matcher.Value)}"))
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string Sign(MatchOperator comparison) => comparison switch
    {
        MatchOperator.Equal => "=",
        MatchOperator.NotEqual => "!=",
        MatchOperator.Regex => "=~",
        _ => "!~",
    };
}
