using System.Globalization;

namespace Weir.FaultHost.Files;

/// <summary>A step of durable code, and what happens there: <c>segment.flush:3:after</c>, <c>segment.write:10-40:full</c>.</summary>
/// <param name="Step">What kind of file, and what is done to it.</param>
/// <param name="First">The first time that the fault happens; the first time that the step is taken is 1.</param>
/// <param name="Last">The last time.</param>
/// <param name="When">What happens.</param>
internal sealed record FaultPoint(string Step, int First, int Last, FaultWhen When)
{
    /// <summary>Reads the text of a point.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static FaultPoint Parse(string text)
    {
        string[] fields = text.Split(':');
        string[] range = fields.Length == 3 ? fields[1].Split('-') : [];
        if (range.Length is < 1 or > 2
            || !int.TryParse(range[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            || !int.TryParse(range[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            || !Enum.TryParse(fields[2], ignoreCase: true, out FaultWhen when)) throw new FormatException($"'{text}' is not STEP:FIRST[-LAST]:before|after|torn|full|error|slow");
        return new FaultPoint(fields[0], first, last, when);
    }
}
