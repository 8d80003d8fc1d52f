using System.Globalization;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>A property of a row, copied out of COM's memory.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Number">The number; zero where it is none.</param>
/// <param name="Text">The text as WMI gave it; null where it gave a number that the double holds exactly.</param>
internal readonly record struct WmiValue(WmiValueKind Kind, double Number, string? Text)
{
    /// <summary>A number without a text.</summary>
    public static WmiValue Of(double number) => new(WmiValueKind.Number, number, null);

    /// <summary>As the value of an attribute: empty where there is none.</summary>
    public string AsAttribute() => Kind switch
    {
        WmiValueKind.Number => Text ?? Number.ToString(CultureInfo.InvariantCulture),
        WmiValueKind.Text => Text ?? "",
        _ => "",
    };
}
