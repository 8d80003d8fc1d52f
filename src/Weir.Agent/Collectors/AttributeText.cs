namespace Weir.Agent.Collectors;

/// <summary>Texts that others wrote, as attribute values.</summary>
internal static class AttributeText
{
    /// <summary>Most characters that are kept: enough to tell things apart, and no text that fills a schema.</summary>
    public const int MaxLength = 256;

    /// <summary>A text without blanks around it, cut between two characters where it is too long.</summary>
    public static string Of(string text)
    {
        string trimmed = text.Trim(' ', '\t', '\r', '\n', '\0');
        if (trimmed.Length <= MaxLength) return trimmed;
        return trimmed[..(char.IsHighSurrogate(trimmed[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
    }
}
