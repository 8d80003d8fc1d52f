namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>Which names may stand in a query: nothing in them can end the name and go on with something else.</summary>
internal static class WmiNames
{
    /// <summary>Most characters of a class, property or namespace.</summary>
    public const int MaxLength = 256;

    /// <summary>What <see cref="IsIdentifier"/> takes, for an error.</summary>
    public const string IdentifierForm = "a letter or underscore, then letters, digits and underscores";

    /// <summary>What <see cref="IsNamespace"/> takes, for an error.</summary>
    public const string NamespaceForm = @"a namespace of this machine, as in root\cimv2";

    // Enumerating the superclass of the performance classes enumerates them.
    private static readonly string[] PerformanceClasses = ["Win32_Perf", "CIM_StatisticalInformation"];

    /// <summary>Whether a text is the name of a class or property.</summary>
    public static bool IsIdentifier(string text) => text.Length is > 0 and <= MaxLength && !char.IsAsciiDigit(text[0]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>Whether a text names a namespace of this machine; others' would need their accounts and their patience.</summary>
    public static bool IsNamespace(string text)
    {
        string[] parts = text.Split('\\');
        return text.Length <= MaxLength && parts[0].Equals("root", StringComparison.OrdinalIgnoreCase) && parts.Skip(1).All(static part => part.Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'));
    }

    /// <summary>Whether a class is one of the performance counters' behind WMI: a query of them blocks for half a minute whenever their adapter starts.</summary>
    public static bool IsPerformanceClass(string className) => PerformanceClasses.Any(prefix => className.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
