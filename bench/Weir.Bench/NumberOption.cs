using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Weir.Bench;

/// <summary>Options that take whole numbers of a range.</summary>
internal static class NumberOption
{
    /// <summary>An option for one number; without a default where <paramref name="fallback"/> is null.</summary>
    public static Option<int> Create(string name, string help, int min, int max, string description, int? fallback = null)
    {
        var option = new Option<int>(name) { HelpName = help, Description = $"{description} {min} to {max}." };
        if (fallback is { } value) option.DefaultValueFactory = _ => value;
        option.Validators.Add(result => RefuseOutside(result, min, max));
        return option;
    }

    /// <summary>Says of each number out of range what is allowed.</summary>
    public static void RefuseOutside(OptionResult result, int min, int max)
    {
        foreach (Token token in result.Tokens)
            if (int.TryParse(token.Value, CultureInfo.InvariantCulture, out int value) && (value < min || value > max))
                result.AddError($"{result.Option.Name} is {value}; it must be {min} to {max}");
    }
}
