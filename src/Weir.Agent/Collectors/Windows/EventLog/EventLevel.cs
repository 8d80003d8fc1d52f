namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>The levels of records, as attribute values.</summary>
internal static class EventLevel
{
    private static readonly string[] Names = ["critical", "error", "warning", "information", "verbose", "custom"];

    /// <summary>How many there are.</summary>
    public const int Count = 6;

    /// <summary>Which of them a record's level is: 1 to 5 are the system's own; 0 (audits, and what old programs write) is shown as information everywhere; the rest are a provider's own.</summary>
    public static int IndexOf(int level) => level switch
    {
        0 => 3,
        >= 1 and <= 5 => level - 1,
        _ => Count - 1,
    };

    /// <summary>Its name.</summary>
    public static string NameOf(int index) => Names[index];
}
