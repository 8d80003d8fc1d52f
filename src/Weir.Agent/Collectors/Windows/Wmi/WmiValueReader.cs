using System.Globalization;
using Weir.Agent.Collectors.Windows.Wmi.Com;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>Reads what WMI puts into a variant.</summary>
/// <remarks>
/// The type of the variant is not that of the property: 64-bit integers come as text, unsigned 32-bit ones as signed with the same bits, 16-bit ones as
/// 32-bit, and times as text (<see cref="WmiTime"/>). Integers beyond 2^53 lose their last bits as a value, and keep them as an attribute.
/// </remarks>
internal static class WmiValueReader
{
    private const int CimUint32 = 19;
    private const int CimDateTime = 101;
    private const double LargestExact = 1L << 53;

    /// <summary>Copies a variant; it stays its owner's.</summary>
    /// <param name="variant">What <c>Get</c> filled.</param>
    /// <param name="cimType">The property's CIMTYPE.</param>
    public static WmiValue Read(in Variant variant, int cimType) => variant.Type switch
    {
        Variant.TypeEmpty or Variant.TypeNull => default,
        Variant.TypeI1 => WmiValue.Of(variant.I1),
        Variant.TypeUI1 => WmiValue.Of(variant.UI1),
        Variant.TypeI2 => WmiValue.Of(variant.I2),
        Variant.TypeUI2 => WmiValue.Of(variant.UI2),
        Variant.TypeI4 => WmiValue.Of(cimType == CimUint32 ? variant.UI4 : variant.I4),
        Variant.TypeUI4 => WmiValue.Of(variant.UI4),
        Variant.TypeI8 => WmiValue.Of(variant.I8),
        Variant.TypeUI8 => WmiValue.Of(variant.UI8),
        Variant.TypeR4 => OfReal(variant.R4),
        Variant.TypeR8 => OfReal(variant.R8),
        Variant.TypeBool => new WmiValue(WmiValueKind.Number, variant.I2 == 0 ? 0 : 1, variant.I2 == 0 ? "false" : "true"),
        Variant.TypeBstr => OfText(variant.Text, cimType),
        _ => new WmiValue(WmiValueKind.Unsupported, 0, null),
    };

    // What is not a number cannot be told from one later; a missing value can.
    private static WmiValue OfReal(double value) => double.IsFinite(value) ? WmiValue.Of(value) : default;

    private static WmiValue OfText(ReadOnlySpan<char> text, int cimType)
    {
        if (cimType == CimDateTime) return WmiTime.TryParse(text, out double seconds) ? new WmiValue(WmiValueKind.Number, seconds, text.ToString()) : new WmiValue(WmiValueKind.Text, 0, text.ToString());
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number)) return new WmiValue(WmiValueKind.Text, 0, text.ToString());
        // 007 and 1.50 are names as attributes: only what is written as the number is, is one without its text.
        bool isPlain = Math.Abs(number) <= LargestExact && double.IsInteger(number) && !text.ContainsAny("eE+.") && (text.Length == 1 || text[0] is >= '1' and <= '9');
        return new WmiValue(WmiValueKind.Number, number, isPlain ? null : text.ToString());
    }
}
