using System.Diagnostics;
using Weir.Agent.Local;

namespace Weir.Agent.Commands;

/// <summary><c>doctor --fix</c>: shows each change that would grant a missing right, asks, and makes it. Nothing without an answer.</summary>
/// <remarks>The commands are this program's own (<see cref="StatusJson"/>); of what an agent says only its account goes into them, and only where it reads as one.</remarks>
internal sealed class RightsFix(TextWriter output, TextWriter error, TextReader answers)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Goes through what is missing.</summary>
    /// <returns>False where a change that was wanted failed.</returns>
    public bool Run(AgentStatus status)
    {
        output.WriteLine();
        if (!IsAccount(status.Account))
        {
            error.WriteLine($"'{status.Account}' does not read as an account: nothing is granted to it.");
            return false;
        }

        string[] commands = [.. Missing(status)];
        if (commands.Length == 0)
        {
            output.WriteLine("Nothing to grant: no failing source lacks a right that a command would give.");
            return true;
        }

        bool good = true;
        foreach (string command in commands)
        {
            string[] words = Words(command, OperatingSystem.IsWindows() ? status.Account : NameOf(status.Account));
            output.WriteLine($"This would run: {string.Join(' ', words.Select(static word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word))}");
            output.Write("Run it? [y/N] ");
            output.Flush();
            if (answers.ReadLine()?.Trim() is not ("y" or "Y" or "yes")) output.WriteLine("Left as it is.");
            else good &= TryRun(words);
        }

        return good;
    }

    private static IEnumerable<string> Missing(AgentStatus status) => status.Collectors
        .SelectMany(static collector => collector.Sources)
        .Where(static source => source is { State: "denied", Grant: not null })
        .Select(static source => source.Grant!)
        .Distinct();

    // The words of a command; quotes hold a word together.
    private static string[] Words(string command, string account) =>
        [.. command.Split('"').SelectMany(static (part, at) => at % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(word => word == "ACCOUNT" ? account : word)];

    // As the system's own tools allow it: nothing that reads as an option.
    private static bool IsAccount(string account)
    {
        string name = NameOf(account);
        if (!account.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$' or ' ' or '/' or '\\')) return false;
        bool isName = name.Length is > 0 and <= 64 && (char.IsAsciiLetter(name[0]) || name[0] == '_');
        return isName && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$' || (c == ' ' && OperatingSystem.IsWindows()));
    }

    private static string NameOf(string account) => account[(account.LastIndexOfAny(['/', '\\']) + 1)..];

    private bool TryRun(string[] words)
    {
        // No shell between: the account is one word, whatever is in it.
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false };
        try
        {
            using Process process = Process.Start(start)!;
            if (process.WaitForExit(Limit) && process.ExitCode == 0)
            {
                output.WriteLine("Done. It takes effect when the agent is started again.");
                return true;
            }

            error.WriteLine(process.HasExited ? $"It ended with exit code {process.ExitCode}." : $"It has not ended within {Limit.TotalSeconds:0} s.");
        }
        catch (System.ComponentModel.Win32Exception problem)
        {
            error.WriteLine($"It cannot be run: {problem.Message}");
        }

        return false;
    }
}
