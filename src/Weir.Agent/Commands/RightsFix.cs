using System.Diagnostics;
using Weir.Agent.Collectors;
using Weir.Agent.Local;

namespace Weir.Agent.Commands;

/// <summary><c>doctor --fix</c>: shows each change that would grant a missing right, asks, and makes it. Nothing without an answer.</summary>
/// <remarks>
/// The commands are this program's own (<see cref="StatusJson"/>), and the account in them is not that which an agent says of itself: whatever listens at the port may call itself anything. An
/// account that this host does not list is one of systemd's own, or of a directory: no command takes it into a group, its unit does.
/// </remarks>
/// <param name="output">Where changes are shown.</param>
/// <param name="error">Where a failure is said.</param>
/// <param name="answers">Where the answers come from.</param>
/// <param name="accounts">The accounts of this host: <c>/etc/passwd</c>, but in tests.</param>
internal sealed class RightsFix(TextWriter output, TextWriter error, TextReader answers, string accounts = "/etc/passwd")
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Goes through what is missing.</summary>
    /// <param name="status">What was found.</param>
    /// <param name="account">Whom it is granted to: the account of the installed service, or that of this process where the collectors were tried here; null: neither is so, and nothing is granted.</param>
    /// <returns>False where a change that was wanted failed, or the account is none.</returns>
    public bool Run(AgentStatus status, string? account)
    {
        output.WriteLine();
        if (account is not null && !IsAccount(account))
        {
            error.WriteLine($"'{account}' does not read as an account: nothing is granted to it.");
            return false;
        }

        SourceRight[] missing = [.. Missing(status)];
        if (missing.Length == 0) output.WriteLine("Nothing to grant: no source lacks a right that could be granted.");
        bool good = true;
        foreach (SourceRight right in missing)
        {
            if (account is null) output.WriteLine($"The {right.Name} is missing, and no service is installed that it could be granted to. For whatever account the agent runs as: {right.Grant}");
            else if (right.Command is { } command && IsListed(account)) good &= Ask(Words(command, OperatingSystem.IsWindows() ? account : NameOf(account)));
            else output.WriteLine($"No command gives {account} the {right.Name}. Write into its unit ('systemctl edit weir-agent'), then start it again:\n  [Service]\n{string.Concat(right.UnitSettings.Select(static line => $"  {line}\n"))}");
        }

        return good;
    }

    private static IEnumerable<SourceRight> Missing(AgentStatus status) => status.Collectors
        .SelectMany(static collector => collector.Sources)
        .Select(static source => source switch
        {
            { State: "denied" } => source.Needs,
            // What is lacking may have another reason than the right.
            { State: "works", Error: { } lacks, PartlyNeeds: { } partly } when lacks.Contains(partly.Right.Name, StringComparison.Ordinal) => partly.Right,
            _ => null,
        })
        .OfType<SourceRight>()
        .Distinct();

    // The words of a command; quotes hold a word together.
    private static string[] Words(string command, string account) =>
        [.. command.Split('"').SelectMany(static (part, at) => at % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(word => word == "ACCOUNT" ? account : word)];

    // As the system's own tools allow it: nothing that reads as an option.
    private static bool IsAccount(string account)
    {
        string name = NameOf(account);
        if (!account.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '$' or ' ' or '/' or '\\')) return false;
        bool isName = name.Length is > 0 and <= 64 && (char.IsLetter(name[0]) || name[0] == '_');
        return isName && name.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '$' || (c == ' ' && OperatingSystem.IsWindows()));
    }

    private static string NameOf(string account) => account[(account.LastIndexOfAny(['/', '\\']) + 1)..];

    private bool IsListed(string account) => OperatingSystem.IsWindows() || (File.Exists(accounts) && File.ReadLines(accounts).Any(line => line.StartsWith($"{NameOf(account)}:", StringComparison.Ordinal)));

    private bool Ask(string[] words)
    {
        output.WriteLine($"This would run: {string.Join(' ', words.Select(static word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word))}");
        output.Write("Run it? [y/N] ");
        output.Flush();
        if (answers.ReadLine()?.Trim() is "y" or "Y" or "yes") return TryRun(words);
        output.WriteLine("Left as it is.");
        return true;
    }

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
