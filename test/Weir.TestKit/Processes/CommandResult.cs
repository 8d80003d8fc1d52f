namespace Weir.TestKit.Processes;

/// <summary>What a command left behind.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Lines of standard output, whole.</param>
/// <param name="Errors">Standard error, its last 200 lines.</param>
public sealed record CommandResult(int ExitCode, IReadOnlyList<string> Output, string Errors);
