using System.Text;

namespace Weir.Agent.Services.Windows;

/// <summary>Writes a command line that a Windows program reads back as the same arguments.</summary>
/// <remarks>
/// Every argument stands in quotes: an image path with spaces and no quotes lets whoever may write <c>C:\Program.exe</c> run as the service. Within quotes a
/// backslash counts only before a quote: those are doubled, and the quote is escaped.
/// </remarks>
internal static class WindowsCommandLine
{
    /// <summary>Joins a program and its arguments.</summary>
    /// <exception cref="ArgumentException">One has a quote or a control character where the program's path stands, or a NUL anywhere.</exception>
    public static string Join(string program, IEnumerable<string> arguments)
    {
        // The program's own part is read by other rules: no escapes at all.
        if (program.Any(static character => character == '"' || char.IsControl(character))) throw new ArgumentException($"the path '{program}' has a quote or a control character", nameof(program));
        var line = new StringBuilder().Append('"').Append(program).Append('"');
        foreach (string argument in arguments)
        {
            line.Append(' ');
            Append(line, argument);
        }

        return line.ToString();
    }

    private static void Append(StringBuilder line, string argument)
    {
        if (argument.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("an argument has a NUL character", nameof(argument));
        line.Append('"');
        int backslashes = 0;
        foreach (char character in argument)
        {
            if (character == '\\')
            {
                backslashes++;
                continue;
            }

            line.Append('\\', character == '"' ? (2 * backslashes) + 1 : backslashes).Append(character);
            backslashes = 0;
        }

        line.Append('\\', 2 * backslashes).Append('"');
    }
}
