namespace Weir.Agent.Events;

/// <summary>A record of the host's event log or journal.</summary>
/// <param name="Time">When it was written.</param>
/// <param name="Level">How grave it is, in the words of its system.</param>
/// <param name="Source">Who wrote it: a provider, a unit or a program.</param>
/// <param name="Id">The provider's number for this kind of record; null where the system has none.</param>
/// <param name="Text">What it says, at most <see cref="MaxText"/> characters.</param>
internal sealed record EventRecord(DateTimeOffset Time, string Level, string Source, int? Id, string Text)
{
    /// <summary>Most records that are read at once.</summary>
    public const int MaxRecords = 1000;

    /// <summary>Most characters of a text.</summary>
    public const int MaxText = 4096;

    /// <summary>A text without blanks at its ends, cut where it is too long.</summary>
    public static string TextOf(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length <= MaxText) return text.ToString();
        return $"{text[..(char.IsHighSurrogate(text[MaxText - 2]) ? MaxText - 2 : MaxText - 1)]}…";
    }
}
