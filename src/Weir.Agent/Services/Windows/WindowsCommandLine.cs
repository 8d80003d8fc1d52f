using System.Text;

namespace Weir.Agent.Services.Windows;

/// <summary>Writes a command line that a Windows program reads back as the same arguments, and reads one.</summary>
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

    /// <summary>The arguments of a command line, without the program.</summary>
    public static IReadOnlyList<string> ArgumentsOf(string line)
    {
        var arguments = new List<string>();
        int at = line.StartsWith('"') ? line.IndexOf('"', 1) : line.IndexOf(' ', StringComparison.Ordinal);
        if (at < 0) return arguments;
        var argument = new StringBuilder();
        bool isQuoted = false, hasBegun = false;
        for (at++; at < line.Length; at++)
        {
            char character = line[at];
            if (character == ' ' && !isQuoted)
            {
                if (hasBegun) arguments.Add(argument.ToString());
                argument.Clear();
                hasBegun = false;
                continue;
            }

            hasBegun = true;
            int backslashes = line.AsSpan(at).IndexOfAnyExcept('\\');
            if (backslashes > 0 && line[at + backslashes] == '"')
            {
                // Two stand for one; one that is left takes the quote's meaning.
                argument.Append('\\', backslashes / 2);
                at += backslashes;
                if (backslashes % 2 == 1) argument.Append('"');
                else isQuoted = !isQuoted;
            }
            else if (character == '"') isQuoted = !isQuoted;
            else argument.Append(character);
        }

        if (hasBegun) arguments.Add(argument.ToString());
        return arguments;
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
