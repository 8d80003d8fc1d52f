using System.Globalization;

namespace Weir.Query.Http;

/// <summary>Numbers as Prometheus writes them: shortest form that reads back to the same value.</summary>
public static class NumberText
{
    /// <summary>A value.</summary>
    public static string Value(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ when double.IsNaN(value) => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
