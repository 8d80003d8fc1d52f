using System.Text.RegularExpressions;

namespace Weir.Contracts;

/// <summary>How a <see cref="LabelMatcher"/> compares.</summary>
public enum MatchOperator
{
    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>=~</c>, anchored at both ends.</summary>
    Regex,

    /// <summary><c>!~</c>, anchored at both ends.</summary>
    NotRegex,
}

/// <summary>One condition of a selector. A label that a series lacks has the empty value.</summary>
/// <remarks>Regular expressions run in linear time (no backtracking), so a hostile pattern cannot stall a query.</remarks>
public sealed class LabelMatcher
{
    private readonly Regex? _regex;

    /// <summary>Makes a matcher.</summary>
    /// <exception cref="ArgumentException">The regular expression is not valid, or needs backtracking.</exception>
    public LabelMatcher(string name, MatchOperator @operator, string value)
    {
        Name = name;
        Operator = @operator;
        Value = value;
        if (@operator is not (MatchOperator.Regex or MatchOperator.NotRegex)) return;
        try
        {
            _regex = new Regex($"^(?:{value})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
        }
        catch (NotSupportedException e)
        {
            throw new ArgumentException($"the regular expression '{value}' needs what cannot be matched in linear time: back-references, look-around and atomic groups are refused", e);
        }
    }

    /// <summary>The label looked at.</summary>
    public string Name { get; }

    /// <summary>How it is compared.</summary>
    public MatchOperator Operator { get; }

    /// <summary>What it is compared with: a text, or a pattern.</summary>
    public string Value { get; }

    /// <summary>Whether a series whose label has this value (empty: no such label) meets the condition.</summary>
    public bool Matches(string value) => Operator switch
    {
        MatchOperator.Equal => string.Equals(value, Value, StringComparison.Ordinal),
        MatchOperator.NotEqual => !string.Equals(value, Value, StringComparison.Ordinal),
        MatchOperator.Regex => _regex!.IsMatch(value),
        _ => !_regex!.IsMatch(value),
    };
}
